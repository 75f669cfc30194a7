#include "chaos/scenario/nearest_name.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace windtunnel::chaos {

namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kFarAway = kLongestName + 1;

std::string lower_case(std::string_view text) {
  std::string lower{text};
  for (char& c : lower) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return lower;
}

// Optimal string alignment: Damerau's distance where no piece is edited twice.
std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    last[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::size_t distance(const std::string& wanted, std::string_view name) {
  if (wanted.size() > kLongestName || name.size() > kLongestName) {
    return kFarAway;
  }
  const std::string known = lower_case(name);
  if (known.size() > wanted.size() && known.ends_with("." + wanted)) {
    return 0;
  }
  const std::size_t shorter = std::min(wanted.size(), known.size());
  const std::size_t allowed = shorter < 2 ? 0 : std::max<std::size_t>(1, shorter / 3);
  const std::size_t edits = edits_between(wanted, known);
  return edits <= allowed ? edits : kFarAway;
}

template <typename Names>
std::string nearest_of(std::string_view wanted, const Names& known) {
  const std::string lower = lower_case(wanted);
  std::string_view best;
  std::size_t best_distance = kFarAway;
  for (const std::string_view name : known) {
    const std::size_t d = lower.empty() ? kFarAway : distance(lower, name);
    if (d < best_distance) {
      best = name;
      best_distance = d;
    }
  }
  return std::string{best};
}

}  // namespace

std::string nearest_name(std::string_view wanted, std::span<const std::string_view> known) {
  return nearest_of(wanted, known);
}

std::string nearest_name(std::string_view wanted, std::span<const std::string> known) {
  return nearest_of(wanted, known);
}

}  // namespace windtunnel::chaos
