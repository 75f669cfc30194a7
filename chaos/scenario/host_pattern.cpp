#include "chaos/scenario/host_pattern.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace windtunnel::chaos {

namespace {

std::optional<std::uint64_t> small_number(std::string_view digits) {
  if (digits.empty() || digits.size() > 9 ||
      digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  return std::stoul(std::string{digits});
}

/// "1..30" as its numbers; absent where the text is no ascending range of at most kHostsMax.
std::optional<std::vector<std::string>> count_up(std::string_view inside) {
  const std::size_t dots = inside.find("..");
  const auto low = small_number(inside.substr(0, dots));
  const auto high = small_number(inside.substr(dots + 2));
  if (!low || !high || *high < *low || *high - *low >= kHostsMax) {
    return std::nullopt;
  }
  std::vector<std::string> items;
  for (std::uint64_t number = *low; number <= *high; ++number) {
    items.push_back(std::to_string(number));
  }
  return items;
}

std::optional<std::vector<std::string>> items_of(std::string_view inside) {
  if (inside.find("..") != std::string_view::npos) {
    return count_up(inside);
  }
  std::vector<std::string> items;
  for (std::string_view rest = inside;;) {
    const std::string_view item = rest.substr(0, rest.find(','));
    if (item.empty() || item.find('{') != std::string_view::npos) {
      return std::nullopt;
    }
    items.emplace_back(item);
    if (item.size() == rest.size()) {
      return items;
    }
    rest.remove_prefix(item.size() + 1);
  }
}

void append_text(std::vector<ExpandedName>& names, std::string_view text) {
  for (ExpandedName& name : names) {
    name.name += text;
  }
}

void append_items(std::vector<ExpandedName>& names, const std::vector<std::string>& items) {
  std::vector<ExpandedName> longer;
  longer.reserve(names.size() * items.size());
  for (const ExpandedName& name : names) {
    for (const std::string& item : items) {
      longer.push_back({name.name + item, name.item.empty() ? item : name.item});
    }
  }
  names = std::move(longer);
}

Complaint brace_complaint() {
  return {fmt::format("a name, with braces as in \"cp-{{a,b,c}}\" or \"web-{{1..30}}\" and "
                      "at most {} names",
                      kHostsMax),
          ""};
}

}  // namespace

Parsed<std::vector<ExpandedName>> expand_braces(std::string_view pattern) {
  std::vector<ExpandedName> names{{"", ""}};
  for (std::string_view rest = pattern; !rest.empty();) {
    const std::size_t open = rest.find('{');
    append_text(names, rest.substr(0, open));
    if (open == std::string_view::npos) {
      break;
    }
    const std::size_t close = rest.find('}', open);
    const auto items = close == std::string_view::npos
                           ? std::nullopt
                           : items_of(rest.substr(open + 1, close - open - 1));
    if (!items || names.size() * items->size() > kHostsMax) {
      return brace_complaint();
    }
    append_items(names, *items);
    rest.remove_prefix(close + 1);
  }
  return names;
}

bool glob_matches(std::string_view glob, std::string_view name) {
  // Greedy with one point of return: the latest '*' takes one character more whenever the rest does
  // not fit.
  std::size_t g = 0, n = 0, star = std::string_view::npos, star_end = 0;
  while (n < name.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      star_end = n;
    } else if (g < glob.size() && (glob[g] == '?' || glob[g] == name[n])) {
      ++g;
      ++n;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      n = ++star_end;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', g) == std::string_view::npos;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

}  // namespace windtunnel::chaos
