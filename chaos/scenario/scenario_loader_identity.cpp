#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "chaos/scenario/policy_values.hpp"
#include "chaos/scenario/scenario_loader.hpp"
#include "chaos/scenario/scenario_values.hpp"

namespace windtunnel::chaos {

namespace {

using identity::RotationStep;

constexpr std::array<std::string_view, 3> kSteps{"add", "switch", "drop"};
constexpr Limits<Duration> kLifetime{std::chrono::seconds{1}, kLongest};

std::vector<RotationStep> read_order(const Node& node) {
  std::vector<RotationStep> steps;
  const std::size_t problems_before = node.reading().problems;
  for (const Node& step : node.elements("an array of \"add\", \"switch\" and \"drop\"")) {
    if (const auto index = read_word(step, kSteps)) {
      steps.push_back(static_cast<RotationStep>(*index));
    }
  }
  const RotationStep all[]{RotationStep::add, RotationStep::switch_issuer, RotationStep::drop};
  const bool is_each_once =
      std::is_permutation(steps.begin(), steps.end(), std::begin(all), std::end(all));
  if (node.reading().problems == problems_before && !is_each_once) {
    node.complain(fmt::format("{} steps", steps.size()),
                  "\"add\", \"switch\" and \"drop\", each once, in any order");
  }
  return steps;
}

}  // namespace

identity::IssuingOptions issuing_options_of(const IdentitySettings& settings) {
  identity::IssuingOptions options;
  options.ttl = settings.ttl;
  options.backdate = settings.backdate;
  return options;
}

identity::RenewalOptions renewal_options_of(const IdentitySettings& settings) {
  identity::RenewalOptions options;
  options.grace_ratio = static_cast<double>(settings.grace_ratio) / proxy::kWholeInParts;
  options.jitter = static_cast<double>(settings.jitter) / proxy::kWholeInParts;
  options.backoff = settings.backoff;
  options.backoff_max = settings.backoff_max;
  return options;
}

IdentitySettings read_identity(const Node& node) {
  IdentitySettings settings;
  const Block block{node, keys::identity};
  const std::size_t problems_before = node.reading().problems;
  block.optional("ttl", settings.ttl, kLifetime);
  read_parts(block, "grace_ratio", settings.grace_ratio);
  read_parts(block, "jitter", settings.jitter);
  block.optional("backdate", settings.backdate, kAnyDuration);
  if (block.has("backoff")) {
    read_backoff(block.at("backoff"), settings.backoff, settings.backoff_max);
  }
  if (node.reading().problems != problems_before) {
    return {};
  }
  if (settings.jitter > settings.grace_ratio ||
      settings.grace_ratio + settings.jitter > proxy::kWholeInParts) {
    node.complain(fmt::format("a grace_ratio of {} and a jitter of {}",
                              quantity_text(Share{settings.grace_ratio}),
                              quantity_text(Share{settings.jitter})),
                  "a jitter that leaves the renewal within the lifetime");
  }
  if (settings.backoff == Duration::zero()) {
    block.at("backoff").complain("no pause at all", "a first pause of more than \"0s\"");
  }
  return settings;
}

identity::RotationSpec read_rotation(const Node& node) {
  identity::RotationSpec spec;
  const Block block{node, keys::rotation};
  if (block.has("order")) {
    spec.steps = read_order(block.at("order"));
  }
  bool waits = true;
  block.optional("wait", waits);
  spec.wait = waits ? identity::RotationWait::for_all : identity::RotationWait::for_nobody;
  return spec;
}

void check_mtls(const Node& policies, const ControlPlane& control_plane) {
  if (control_plane.identity || !policies.json().is_object()) {
    return;
  }
  for (const auto& [route, policy] : policies.members("policies by route")) {
    const Json& json = policy.json();
    if (json.is_object() && json.contains("mtls") && !json.at("mtls").is_null()) {
      policy.member("mtls").complain_about_key("\"mtls\" where nobody signs certificates",
                                               "\"identity\" in the control plane");
    }
  }
}

}  // namespace windtunnel::chaos
