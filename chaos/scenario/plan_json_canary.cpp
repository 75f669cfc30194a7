#include "chaos/scenario/plan_json_blocks.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::chaos {

namespace {

Json analysis_json(const rollout::AnalysisSettings& analysis) {
  Json json = {{"kind", enumerator_name(analysis.kind)}};
  if (analysis.kind == rollout::AnalysisKind::sequential) {
    json["alpha"] = quantity_text(Share{analysis.alpha});
    json["p99_rise"] = analysis.p99_rise ? Json(quantity_text(Share{*analysis.p99_rise})) : Json{};
    json["minimum"] = analysis.minimum;
    return json;
  }
  json["interval"] = quantity_text(analysis.interval);
  json["success_ratio"] = quantity_text(Share{analysis.success_ratio});
  if (analysis.p99) {
    json["p99"] = quantity_text(*analysis.p99);
  }
  json["failure_limit"] = analysis.failure_limit;
  json["inconclusive_limit"] = analysis.inconclusive_limit;
  return json;
}

}  // namespace

Json canary_json(const rollout::RolloutSpec& spec) {
  Json steps = Json::array();
  for (const rollout::Step& step : spec.steps) {
    steps.push_back(step.kind == rollout::StepKind::pause
                        ? Json{{"pause", quantity_text(step.pause)}}
                        : Json(quantity_text(Share{step.weight})));
  }
  return {{"of", spec.service},
          {"version", std::to_string(spec.version)},
          {"steps", std::move(steps)},
          {"analysis", analysis_json(spec.analysis)}};
}

}  // namespace windtunnel::chaos
