#include "chaos/scenario/policy_subsets.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "chaos/scenario/nearest_name.hpp"
#include "chaos/scenario/policy_values.hpp"

namespace windtunnel::chaos {

namespace {

using proxy::EndpointLabel;
using proxy::SubsetBy;
using proxy::SubsetOtherwise;
using proxy::SubsetSettings;

constexpr std::array kFallbacks{
    Choice<SubsetOtherwise>{"none", SubsetOtherwise::nobody},
    Choice<SubsetOtherwise>{"any", SubsetOtherwise::any},
    Choice<SubsetOtherwise>{"default", SubsetOtherwise::default_labels}};
constexpr std::span<const Choice<SubsetOtherwise>> kFallbackWords{kFallbacks};

std::string_view word_of(SubsetOtherwise otherwise) {
  const auto found = std::find_if(
      kFallbacks.begin(), kFallbacks.end(),
      [&](const Choice<SubsetOtherwise>& choice) { return choice.value == otherwise; });
  return found == kFallbacks.end() ? std::string_view{"?"} : found->word;
}

std::vector<std::string> read_names(const Node& node) {
  std::vector<std::string> names;
  for (const Node& name : node.elements("an array of labels' names")) {
    read_value(name, names.emplace_back());
  }
  return names;
}

/// `["stage"]`, or an object with the names and a fallback.
SubsetBy read_selector(const Node& node) {
  SubsetBy selector;
  if (node.json().is_array()) {
    selector.names = read_names(node);
    return selector;
  }
  const Block block{node, keys::subset_selector};
  if (block.require("by")) {
    selector.names = read_names(block.at("by"));
  }
  if (block.has("fallback")) {
    read_value(block.at("fallback"), selector.otherwise.emplace(), kFallbackWords);
  }
  return selector;
}

void read_labels_by_name(const Block& block, std::string_view key,
                         std::vector<EndpointLabel>& into) {
  if (!block.has(key)) {
    return;
  }
  into.clear();
  for (const auto& [name, member] : block.at(key).members("values by label")) {
    EndpointLabel& label = into.emplace_back(EndpointLabel{name, {}});
    read_value(member, label.value);
  }
  std::sort(into.begin(), into.end(), [](const EndpointLabel& left, const EndpointLabel& right) {
    return left.name < right.name;
  });
}

Json labels_json(const std::vector<EndpointLabel>& labels) {
  Json json = Json::object();
  for (const EndpointLabel& label : labels) {
    json[label.name] = label.value;
  }
  return json;
}

void check_name(const Node& node, const std::string& name, const std::vector<std::string>& known,
                void (Node::*complain)(std::string, std::string, std::string) const) {
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    (node.*complain)(fmt::format("\"{}\", which is no label of the service", name),
                     known.empty() ? std::string{"a label, and the service has none"}
                                   : fmt::format("one of {}", fmt::join(known, ", ")),
                     nearest_name(name, known));
  }
}

/// The array of a selector's names; nothing where it has none, which was complained about.
std::optional<Node> names_of(const Node& selector) {
  if (selector.json().is_array()) {
    return selector;
  }
  const bool has_names = selector.json().is_object() && selector.json().contains("by") &&
                         selector.json()["by"].is_array();
  return has_names ? std::optional{selector.member("by")} : std::nullopt;
}

void check_selector(const Node& selector, const std::vector<std::string>& known) {
  const std::optional<Node> names = names_of(selector);
  for (std::size_t i = 0; names && i < names->json().size(); ++i) {
    const Node name = names->element(i);
    if (name.json().is_string()) {
      check_name(name, name.json().get<std::string>(), known, &Node::complain);
    }
  }
}

void check_names_in(const Node& subsets, const std::vector<std::string>& known) {
  const Json& json = subsets.json();
  if (json.contains("selectors") && json["selectors"].is_array()) {
    const Node selectors = subsets.member("selectors");
    for (std::size_t i = 0; i < selectors.json().size(); ++i) {
      check_selector(selectors.element(i), known);
    }
  }
  for (const std::string key : {"default", "match"}) {
    if (json.contains(key) && json[key].is_object()) {
      for (const auto& [name, member] : subsets.member(key).members("")) {
        check_name(member, name, known, &Node::complain_about_key);
      }
    }
  }
}

}  // namespace

void read_subsets(const Node& node, SubsetSettings& subsets) {
  const std::size_t problems_before = node.reading().problems;
  const SubsetSettings before = subsets;
  const Block block{node, keys::subsets};
  if (subsets.selectors.empty()) {
    block.require("selectors");
  }
  if (block.has("selectors")) {
    subsets.selectors.clear();
    for (const Node& selector : block.at("selectors").elements("an array of selectors")) {
      subsets.selectors.push_back(read_selector(selector));
    }
  }
  block.optional("fallback", subsets.otherwise, kFallbackWords);
  read_labels_by_name(block, "default", subsets.default_labels);
  read_labels_by_name(block, "match", subsets.match);
  if (node.reading().problems != problems_before) {
    subsets = before;
  } else if (const std::string_view flaw = flaw_of(subsets); !flaw.empty()) {
    node.complain(fmt::format("subsets that cannot be: {}", flaw), "settings that go together");
    subsets = before;
  }
}

void check_labels(const Node& policy, std::string_view callee,
                  const std::vector<PlannedService>& services) {
  const auto service =
      std::find_if(services.begin(), services.end(),
                   [&](const PlannedService& candidate) { return candidate.name == callee; });
  const bool has_subsets = policy.json().is_object() && policy.json().contains("subsets") &&
                           policy.json()["subsets"].is_object();
  if (!has_subsets || service == services.end()) {
    return;
  }
  const Node subsets = policy.member("subsets");
  if (!service->versions.empty()) {
    subsets.complain(fmt::format("subsets of {}, which has versions", callee),
                     "a service whose requests are not divided by version");
    return;
  }
  std::vector<std::string> known;
  for (const PlannedLabel& label : service->labels) {
    if (known.empty() || known.back() != label.name) {
      known.push_back(label.name);
    }
  }
  check_names_in(subsets, known);
}

Json subsets_json(const SubsetSettings& subsets) {
  Json selectors = Json::array();
  for (const SubsetBy& selector : subsets.selectors) {
    Json json = {{"by", selector.names}};
    if (selector.otherwise) {
      json["fallback"] = word_of(*selector.otherwise);
    }
    selectors.push_back(std::move(json));
  }
  return {{"selectors", std::move(selectors)},
          {"fallback", word_of(subsets.otherwise)},
          {"default", labels_json(subsets.default_labels)},
          {"match", labels_json(subsets.match)}};
}

std::string subsets_text(const SubsetSettings& subsets) {
  std::string text;
  for (const EndpointLabel& label : subsets.match) {
    text +=
        fmt::format("{} {} {}", text.empty() ? ", to those with" : " and", label.name, label.value);
  }
  return fmt::format("{} or {}", text.empty() ? ", to a subset" : text,
                     subsets.otherwise == SubsetOtherwise::nobody ? "nobody"
                     : subsets.otherwise == SubsetOtherwise::any  ? "anybody"
                                                                  : "the default subset");
}

}  // namespace windtunnel::chaos
