#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "chaos/scenario/nearest_name.hpp"
#include "chaos/scenario/scenario_loader.hpp"
#include "chaos/scenario/scenario_values.hpp"

namespace windtunnel::chaos {

namespace {

using rollout::AnalysisKind;
using rollout::AnalysisSettings;
using rollout::RolloutSpec;
using rollout::Step;
using rollout::StepKind;

constexpr std::array kKinds{Choice<AnalysisKind>{"sequential", AnalysisKind::sequential},
                            Choice<AnalysisKind>{"threshold", AnalysisKind::threshold}};
constexpr std::array<std::string_view, 3> kOfSequential{"alpha", "p99_rise", "minimum"};
constexpr std::array<std::string_view, 5> kOfThreshold{"interval", "success_ratio", "p99",
                                                       "failure_limit", "inconclusive_limit"};
constexpr Limits<Share> kProperShare{Share{1}, Share{999'999'999}};
constexpr Limits<std::uint32_t> kMeasurements{0, 1'000'000};

proxy::PartsPerBillion read_parts(const Node& node, proxy::PartsPerBillion before,
                                  Limits<Share> limits = kWholeShare) {
  Share share{before};
  read_value(node, share, limits);
  return static_cast<proxy::PartsPerBillion>(share.billionths);
}

void refuse(const Block& block, std::span<const std::string_view> keys, std::string_view kind) {
  for (const std::string_view key : keys) {
    if (block.has(key)) {
      block.at(key).complain_about_key(
          fmt::format("\"{}\" in a {} analysis", key, kind),
          fmt::format("it in a {} analysis", kind == "threshold" ? "sequential" : "threshold"));
    }
  }
}

void read_sequential(const Block& block, AnalysisSettings& analysis) {
  refuse(block, kOfThreshold, "sequential");
  if (block.has("alpha")) {
    analysis.alpha = read_parts(block.at("alpha"), analysis.alpha, kProperShare);
  }
  if (block.has("p99_rise")) {
    const Node node = block.at("p99_rise");
    if (node.json().is_null()) {
      analysis.p99_rise.reset();
    } else {
      analysis.p99_rise = read_parts(node, *analysis.p99_rise);
    }
  }
  block.optional("minimum", analysis.minimum);
}

void read_threshold(const Block& block, AnalysisSettings& analysis) {
  refuse(block, kOfSequential, "threshold");
  block.optional("interval", analysis.interval, kPositive);
  if (block.has("success_ratio")) {
    analysis.success_ratio = read_parts(block.at("success_ratio"), analysis.success_ratio);
  }
  block.optional("p99", analysis.p99, kPositive);
  block.optional("failure_limit", analysis.failure_limit, kMeasurements);
  block.optional("inconclusive_limit", analysis.inconclusive_limit, kMeasurements);
}

void read_analysis(const Node& node, AnalysisSettings& analysis) {
  const Block block{node, keys::analysis};
  block.optional("kind", analysis.kind, std::span<const Choice<AnalysisKind>>{kKinds});
  if (analysis.kind == AnalysisKind::sequential) {
    read_sequential(block, analysis);
  } else {
    read_threshold(block, analysis);
  }
}

Step read_step(const Node& node) {
  Step step;
  if (node.json().is_object() && !node.json().contains("between")) {
    const Block block{node, keys::step};
    step.kind = StepKind::pause;
    block.required("pause", step.pause, kPositive);
    return step;
  }
  if (!node.json().is_string()) {
    node.complain("a share such as \"5%\", or a pause such as {\"pause\": \"60s\"}");
    return step;
  }
  step.weight = read_parts(node, 0);
  return step;
}

std::vector<Step> read_steps(const Node& node) {
  std::vector<Step> steps;
  for (const Node& step : node.elements("an array of shares and pauses")) {
    steps.push_back(read_step(step));
  }
  const bool has_pause = std::any_of(steps.begin(), steps.end(),
                                     [](const Step& step) { return step.kind == StepKind::pause; });
  if (node.json().is_array() && !has_pause) {
    node.complain("no pause", "a pause at some share, in which the canary is judged");
  }
  return steps;
}

/// Whether the other versions have left no host to this one, as they may to version 1. Hosts that
/// could not be read, of the service or of any other version, were complained about.
bool is_deserted(const PlannedService& service, const PlannedVersion& version) {
  return version.version == 1 && version.on.empty() && !service.on.empty();
}

/// What has the most traffic of the others.
std::uint32_t stable_of(const PlannedService& service, std::uint32_t canary) {
  proxy::VersionShare most{0, 0};
  for (const PlannedVersion& version : service.versions) {
    const proxy::PartsPerBillion share = proxy::share_of(*service.split, version.version);
    const bool may_be = version.version != canary && !is_deserted(service, version);
    if (may_be && (most.version == 0 || share > most.share)) {
      most = {version.version, share};
    }
  }
  return most.version;
}

void read_version(const Node& node, const PlannedService& service, RolloutSpec& spec) {
  std::vector<std::string> names;
  for (const PlannedVersion& version : service.versions) {
    names.push_back(std::to_string(version.version));
  }
  const std::string wanted =
      node.json().is_string() ? node.json().get<std::string>() : std::string{};
  const auto at = std::find(names.begin(), names.end(), wanted);
  if (at == names.end()) {
    node.complain(fmt::format("{}, which is no version of {}", node.found(), service.name),
                  names.empty() ? std::string{"a version, and the service has none"}
                                : fmt::format("one of \"{}\"", fmt::join(names, "\", \"")),
                  nearest_name(wanted, names));
    return;
  }
  const PlannedVersion& version = service.versions[static_cast<std::size_t>(at - names.begin())];
  spec.version = version.version;
  spec.stable = stable_of(service, spec.version);
  spec.by = service.split->by;
  if (is_deserted(service, version)) {
    node.complain("version 1, to which the others leave no host", "a version that has hosts");
  } else if (spec.stable == 0) {
    node.complain("the only version that has hosts", "one of two or more");
  }
}

}  // namespace

RolloutSpec read_canary(const Node& node, const std::vector<PlannedService>& services) {
  RolloutSpec spec;
  const Block block{node, keys::canary};
  block.required("of", spec.service);
  const auto service = std::find_if(services.begin(), services.end(),
                                    [&](const auto& s) { return s.name == spec.service; });
  if (!spec.service.empty()) {
    check_service(block.at("of"), spec.service, services);
  }
  if (block.require("version") && service != services.end()) {
    read_version(block.at("version"), *service, spec);
  }
  if (block.require("steps")) {
    spec.steps = read_steps(block.at("steps"));
  }
  if (block.has("analysis")) {
    read_analysis(block.at("analysis"), spec.analysis);
  }
  return spec;
}

}  // namespace windtunnel::chaos
