#include <string>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include "chaos/scenario/gate_document.hpp"
#include "chaos/scenario/policy_values.hpp"
#include "chaos/scenario/scenario_loader.hpp"
#include "chaos/scenario/scenario_values.hpp"
#include "models/gate/expression.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::string_view kGarbled = "garbled";
constexpr std::size_t kConditionMax = 4096;

gate::Rule read_rule(const Node& node) {
  gate::Rule rule;
  const Block block{node, keys::gate_rule};
  block.required("deny", rule.deny);
  block.required("when", rule.when);
  if (rule.when.size() > kConditionMax) {
    block.at("when").complain("a very long condition",
                              fmt::format("at most {} characters", kConditionMax));
  } else if (!rule.when.empty()) {
    const auto parsed = gate::Expression::parse(rule.when);
    if (const auto* const error = std::get_if<gate::ExpressionError>(&parsed)) {
      block.at("when").complain(
          fmt::format("{}, from character {} on", block.at("when").found(), error->at + 1),
          error->expected);
    }
  }
  return rule;
}

gate::Bundle read_bundle(const Block& block) {
  gate::Bundle bundle;
  if (block.has("rules")) {
    for (const Node& rule : block.at("rules").elements("an array of rules")) {
      bundle.rules.push_back(read_rule(rule));
    }
  }
  if (block.has("data")) {
    bundle.data = read_gate_document(block.at("data"));
  }
  return bundle;
}

}  // namespace

gate::Document read_gate_document(const Node& node) {
  if (!node.json().is_object()) {
    node.complain("an object");
    return {};
  }
  return gate_document_of(node.json());
}

GateSettings read_gate(const Node& node) {
  GateSettings settings;
  const Block block{node, keys::gate};
  block.optional("poll", settings.poll, Limits<Duration>{std::chrono::milliseconds{100}, kLongest});
  read_choice(block, "without_bundle", settings.without_bundle);
  settings.bundle = read_bundle(block);
  return settings;
}

BundleChange read_bundle_change(const Node& node) {
  if (node.json().is_string()) {
    if (node.json().get<std::string>() != kGarbled) {
      node.complain("an object with rules and data, or \"garbled\"");
    }
    return {};
  }
  return {read_bundle(Block{node, keys::gate_bundle})};
}

}  // namespace windtunnel::chaos
