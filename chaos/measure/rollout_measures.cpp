#include "chaos/measure/rollout_measures.hpp"

#include <algorithm>
#include <array>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

/// The first that a controller stated of this rollout with an outcome; null where it goes on.
const RolloutMoveRecord* find_end(const RunRecord& record, const RolloutAskedRecord& asked) {
  const auto end = std::ranges::find_if(record.rollout_moves, [&](const RolloutMoveRecord& move) {
    return move.service == asked.service && move.version == asked.version &&
           move.at >= asked.asked_at && move.outcome != RolloutOutcome::progressing;
  });
  return end == record.rollout_moves.end() ? nullptr : &*end;
}

MeasureValue ended_as(const RolloutMoveRecord* end, RolloutOutcome outcome) {
  if (end == nullptr) {
    return no_evidence("the rollout had not ended when the run did");
  }
  return measured(Count{end->outcome == outcome ? 1U : 0U}, 1);
}

struct Exposure {
  std::uint64_t exposed = 0;
  std::uint64_t all = 0;
};

/// Until the promotion, after which the version is the service; where there is none, to the end of
/// the run: a rollout that was aborted exposes until the last proxy knows.
Exposure exposure_of(const RunRecord& record, const RolloutAskedRecord& asked,
                     const RolloutMoveRecord* end) {
  const bool is_promoted = end != nullptr && end->outcome == RolloutOutcome::promoted;
  const TrueInstant until = is_promoted ? end->at : record.ended_at;
  Exposure exposure;
  for (const ServiceRecord& service : record.services) {
    if (service.name != asked.service) {
      continue;
    }
    for (const OperationRecord& request : service.requests) {
      if (request.invoked_at >= asked.asked_at && request.invoked_at < until) {
        ++exposure.all;
        exposure.exposed += service.version_of(request) == asked.version ? 1U : 0U;
      }
    }
  }
  return exposure;
}

}  // namespace

MeasureValue rollout_measure(const RunRecord& record, std::string_view measure,
                             std::string_view id) {
  const auto asked = std::ranges::find(record.rollouts, id, &RolloutAskedRecord::id);
  if (asked == record.rollouts.end()) {
    return not_applicable("no version was rolled out");
  }
  if (asked->denied) {
    return not_applicable("the gate denied it: " + *asked->denied);
  }
  const RolloutMoveRecord* const end = find_end(record, *asked);
  constexpr std::array<std::pair<std::string_view, RolloutOutcome>, 3> kOutcomes{
      {{"rollout.promoted", RolloutOutcome::promoted},
       {"rollout.aborted", RolloutOutcome::aborted},
       {"rollout.paused", RolloutOutcome::paused}}};
  const auto* const outcome =
      std::ranges::find(kOutcomes, measure, [](const auto& candidate) { return candidate.first; });
  if (outcome != kOutcomes.end()) {
    return ended_as(end, outcome->second);
  }
  if (measure == "rollout.duration") {
    return end == nullptr ? censored("the rollout had not ended when the run did", 1,
                                     Amount{record.ended_at - asked->asked_at})
                          : measured(end->at - asked->asked_at, 1);
  }
  const Exposure exposure = exposure_of(record, *asked, end);
  if (exposure.all == 0) {
    return no_evidence("no load asked this service while the version was rolled out");
  }
  if (measure == "rollout.exposed_requests") {
    return measured(Count{exposure.exposed}, exposure.all);
  }
  check(measure == "rollout.exposed_share", "this measure of rollouts is in the catalogue only");
  return measured(Ratio::of(exposure.exposed, exposure.all), exposure.all);
}

}  // namespace windtunnel::chaos
