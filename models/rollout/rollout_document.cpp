#include "models/rollout/rollout_document.hpp"

#include <algorithm>

#include "runtime/codec.hpp"

namespace windtunnel::rollout {

namespace {

bool is_sound(const RolloutSpec& spec) {
  const AnalysisSettings& analysis = spec.analysis;
  return spec.version != spec.stable && spec.version > 0 && spec.stable > 0 && analysis.alpha > 0 &&
         analysis.alpha < proxy::kWholeInParts && analysis.interval > Duration::zero() &&
         std::all_of(spec.steps.begin(), spec.steps.end(), [](const Step& step) {
           return step.weight <= proxy::kWholeInParts && step.pause >= Duration::zero();
         });
}

bool is_sound(const RolloutRecord& record) {
  return is_sound(record.spec) && record.state.step <= record.spec.steps.size() &&
         record.state.weight <= proxy::kWholeInParts;
}

}  // namespace

std::string rollout_key_of(std::string_view service) {
  std::string key{kRolloutPrefix};
  key += service;
  return key;
}

SharedBytes rollout_content_of(const RolloutRecord& record) {
  return SharedBytes{encoded(record)};
}

std::optional<RolloutRecord> rollout_of(const SharedBytes& content) {
  std::optional<RolloutRecord> record = decoded<RolloutRecord>(content.view());
  return record && is_sound(*record) ? record : std::nullopt;
}

}  // namespace windtunnel::rollout
