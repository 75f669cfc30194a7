#include "models/balance/subset_index.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "runtime/check.hpp"

namespace windtunnel::balance {

namespace {

const std::string* value_of(const Endpoint& endpoint, std::string_view key) {
  const auto found = std::lower_bound(
      endpoint.labels.begin(), endpoint.labels.end(), key,
      [](const Label& label, std::string_view wanted) { return label.first < wanted; });
  return found != endpoint.labels.end() && found->first == key ? &found->second : nullptr;
}

bool has_all(const Endpoint& endpoint, std::span<const Label> labels) {
  return std::all_of(labels.begin(), labels.end(), [&](const Label& label) {
    const std::string* value = value_of(endpoint, label.first);
    return value != nullptr && *value == label.second;
  });
}

bool falls_back_to_default(const SubsetOptions& options) {
  return options.fallback == SubsetFallback::default_subset ||
         std::any_of(options.selectors.begin(), options.selectors.end(),
                     [](const SubsetSelector& selector) {
                       return selector.fallback == SubsetFallback::default_subset;
                     });
}

/// The endpoint's values under the keys; empty if it lacks one.
std::vector<std::string> values_of(const Endpoint& endpoint, std::span<const std::string> keys) {
  std::vector<std::string> values;
  for (const std::string& key : keys) {
    const std::string* value = value_of(endpoint, key);
    if (value == nullptr) {
      return {};
    }
    values.push_back(*value);
  }
  return values;
}

bool has_keys(std::span<const LabelMatch> wanted, std::span<const std::string> keys) {
  return std::equal(
      wanted.begin(), wanted.end(), keys.begin(), keys.end(),
      [](const LabelMatch& match, const std::string& key) { return match.first == key; });
}

/// Negative, zero or positive as the subset's values stand before, at or after the wanted ones.
int compare(std::span<const std::string> values, std::span<const LabelMatch> wanted) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (const int order = std::string_view{values[i]}.compare(wanted[i].second); order != 0) {
      return order;
    }
  }
  return 0;
}

}  // namespace

SubsetIndex::SubsetIndex(const SubsetOptions& options, std::span<const Endpoint> endpoints)
    : fallback_(options.fallback), parts_(2) {
  parts_[kAll].resize(endpoints.size());
  std::iota(parts_[kAll].begin(), parts_[kAll].end(), std::uint32_t{0});
  const bool uses_default = falls_back_to_default(options);
  for (std::uint32_t i = 0; i < endpoints.size(); ++i) {
    check(std::is_sorted(endpoints[i].labels.begin(), endpoints[i].labels.end()),
          "labels are sorted by key");
    if (uses_default && has_all(endpoints[i], options.default_subset)) {
      parts_[kDefault].push_back(i);
    }
  }
  for (const SubsetSelector& given : options.selectors) {
    check(!given.keys.empty(), "a selector has keys");
    Selector& selector = selectors_.emplace_back();
    selector.keys = given.keys;
    std::sort(selector.keys.begin(), selector.keys.end());
    selector.fallback = given.fallback.value_or(options.fallback);
    fill(selectors_.size() - 1, endpoints);
  }
}

void SubsetIndex::fill(std::size_t selector_number, std::span<const Endpoint> endpoints) {
  Selector& selector = selectors_[selector_number];
  std::map<std::vector<std::string>, std::vector<std::uint32_t>> members;
  for (std::uint32_t i = 0; i < endpoints.size(); ++i) {
    std::vector<std::string> values = values_of(endpoints[i], selector.keys);
    if (!values.empty()) {
      members[std::move(values)].push_back(i);
    }
  }
  for (auto& [values, positions] : members) {
    places_.emplace_back(selector_number, selector.subsets.size());
    selector.subsets.push_back({values, parts_.size()});
    parts_.push_back(std::move(positions));
  }
}

std::optional<std::size_t> SubsetIndex::find(std::span<const LabelMatch> wanted) const {
  for (const Selector& selector : selectors_) {
    if (has_keys(wanted, selector.keys)) {
      const auto found = find_in(selector, wanted);
      return found ? found : part_for(selector.fallback);
    }
  }
  return part_for(fallback_);
}

std::optional<std::size_t> SubsetIndex::counterpart(std::size_t part,
                                                    const SubsetIndex& other) const {
  if (part <= kDefault) {
    return part;
  }
  const auto [number, subset] = places_[part - kDefault - 1];
  const Selector& selector = selectors_[number];
  std::vector<LabelMatch> labels;
  for (std::size_t i = 0; i < selector.keys.size(); ++i) {
    labels.emplace_back(selector.keys[i], selector.subsets[subset].values[i]);
  }
  return find_in(other.selectors_[number], labels);
}

std::optional<std::size_t> SubsetIndex::part_for(SubsetFallback fallback) {
  switch (fallback) {
    case SubsetFallback::any_endpoint:
      return kAll;
    case SubsetFallback::default_subset:
      return kDefault;
    case SubsetFallback::nothing:
      break;
  }
  return std::nullopt;
}

std::optional<std::size_t> SubsetIndex::find_in(const Selector& selector,
                                                std::span<const LabelMatch> wanted) {
  const auto found = std::partition_point(
      selector.subsets.begin(), selector.subsets.end(),
      [&](const Subset& subset) { return compare(subset.values, wanted) < 0; });
  const bool is_there = found != selector.subsets.end() && compare(found->values, wanted) == 0;
  return is_there ? std::optional{found->part} : std::nullopt;
}

}  // namespace windtunnel::balance
