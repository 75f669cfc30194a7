#include "models/proxy/subset_labels.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace windtunnel::proxy {

namespace {

balance::SubsetFallback fallback_of(SubsetOtherwise otherwise) {
  switch (otherwise) {
    case SubsetOtherwise::nobody:
      return balance::SubsetFallback::nothing;
    case SubsetOtherwise::any:
      return balance::SubsetFallback::any_endpoint;
    case SubsetOtherwise::default_labels:
      return balance::SubsetFallback::default_subset;
  }
  return balance::SubsetFallback::nothing;
}

bool is_by_name(const std::vector<EndpointLabel>& labels) {
  return std::adjacent_find(labels.begin(), labels.end(),
                            [](const EndpointLabel& left, const EndpointLabel& right) {
                              return left.name >= right.name;
                            }) == labels.end();
}

bool falls_back_to_default(const SubsetSettings& settings) {
  return settings.otherwise == SubsetOtherwise::default_labels ||
         std::any_of(settings.selectors.begin(), settings.selectors.end(),
                     [](const SubsetBy& selector) {
                       return selector.otherwise == SubsetOtherwise::default_labels;
                     });
}

}  // namespace

std::string_view flaw_of(const SubsetSettings& settings) {
  if (settings.selectors.empty()) {
    return "subsets are selected by some label";
  }
  std::set<std::set<std::string>> seen;
  for (const SubsetBy& selector : settings.selectors) {
    std::set<std::string> names{selector.names.begin(), selector.names.end()};
    if (names.empty() || names.size() != selector.names.size()) {
      return "a selector names labels, each once";
    }
    if (!seen.insert(std::move(names)).second) {
      return "of two selectors with the same labels one says nothing";
    }
  }
  if (!is_by_name(settings.default_labels) || !is_by_name(settings.match)) {
    return "labels come by name, each once";
  }
  return falls_back_to_default(settings) && settings.default_labels.empty()
             ? "a default subset has labels"
             : std::string_view{};
}

balance::SubsetOptions subset_options_of(const SubsetSettings& settings) {
  balance::SubsetOptions options;
  for (const SubsetBy& by : settings.selectors) {
    balance::SubsetSelector& selector = options.selectors.emplace_back();
    selector.keys = by.names;
    if (by.otherwise) {
      selector.fallback = fallback_of(*by.otherwise);
    }
  }
  options.fallback = fallback_of(settings.otherwise);
  for (const EndpointLabel& label : settings.default_labels) {
    options.default_subset.emplace_back(label.name, label.value);
  }
  return options;
}

std::vector<balance::LabelMatch> wanted_labels_of(const SubsetSettings& settings) {
  std::vector<balance::LabelMatch> wanted;
  for (const EndpointLabel& label : settings.match) {
    wanted.emplace_back(label.name, label.value);
  }
  return wanted;
}

}  // namespace windtunnel::proxy
