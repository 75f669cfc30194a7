#include "chaos/measure/recovery_chain.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

std::array<std::optional<TrueInstant>, 4> milestones(const Succession& s,
                                                     std::optional<TrueInstant> first_success_at) {
  std::array<std::optional<TrueInstant>, 4> at;
  if (s.first_candidacy) {
    at[0] = s.first_candidacy->at;
  }
  if (s.new_leader) {
    at[1] = s.new_leader->at;
  }
  at[2] = s.first_new_commit;
  at[3] = first_success_at;
  return at;
}

}  // namespace

Duration RecoveryChain::total() const {
  Duration sum{};
  for (const ChainPart& part : parts) {
    sum += part.length;
  }
  return sum;
}

RecoveryChain recovery_chain(const FaultGroup& group, const Succession& succession,
                             std::optional<TrueInstant> first_success_at,
                             const MeasureValue& recovery_time) {
  RecoveryChain chain;
  chain.recovered = recovery_time.amount() != nullptr;
  const TrueInstant end = chain.recovered
                              ? group.injected_at + std::get<Duration>(*recovery_time.amount())
                              : group.window.to;
  TrueInstant reached = group.injected_at;
  const auto milestone_at = milestones(succession, first_success_at);
  for (std::size_t i = 0; i < milestone_at.size(); ++i) {
    ChainPart& part = chain.parts[i];
    part.name = chain_part_names[i];
    if (!milestone_at[i]) {
      part.note = ChainNote::did_not_occur;
    } else if (*milestone_at[i] < reached) {
      part.note = ChainNote::came_earlier;
    } else {
      const TrueInstant to = std::min(*milestone_at[i], end);
      part.note = to < *milestone_at[i] ? ChainNote::came_later : ChainNote::complete;
      part.length = to - reached;
      reached = to;
    }
  }
  chain.parts.back() = {.name = chain_part_names.back(),
                        .length = end - reached,
                        .note = chain.recovered ? ChainNote::complete : ChainNote::did_not_occur};
  return chain;
}

std::string_view to_string(ChainNote note) {
  switch (note) {
    case ChainNote::complete:
      return "complete";
    case ChainNote::did_not_occur:
      return "did not occur";
    case ChainNote::came_earlier:
      return "came earlier";
    case ChainNote::came_later:
      return "came after recovery";
  }
  check(false, "a chain note outside its enumeration");
  return {};
}

}  // namespace windtunnel::chaos
