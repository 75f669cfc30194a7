// Made traffic for rollouts: reports as a proxy would send them, second by second, and rollouts
// that are judged by them.
#pragma once

#include <cstdint>
#include <functional>

#include "models/rollout/rollout.hpp"
#include "runtime/random.hpp"

namespace windtunnel::rollout {

struct Traffic {
  std::uint32_t attempts = 200;  ///< Each second.
  double stable_errors = 0.001;
  double canary_errors = 0.001;
  double canary_slower = 1;       ///< Factor on its latencies.
  std::uint32_t outage_from = 0;  ///< In these seconds, both versions fail as the outage says.
  std::uint32_t outage_to = 0;
  double outage_errors = 0;
  bool has_latencies = false;
};

/// What one second of traffic comes to when the canary has this share.
[[nodiscard]] proxy::VersionReport report_of(const Traffic& traffic, std::uint32_t second,
                                             PartsPerBillion share, RandomStream& random);

/// A canary at `share`, for so long, and then promoted.
[[nodiscard]] RolloutSpec held_at(PartsPerBillion share, Duration pause);

struct Ended {
  Phase phase = Phase::progressing;
  std::uint32_t seconds = 0;
  std::uint64_t exposed = 0;  ///< Attempts at the canary.
};
/// Runs it to its end, one report a second.
[[nodiscard]] Ended end_of(const RolloutSpec& spec, const Traffic& traffic, std::uint64_t seed);

/// In how many of the seeds from 1 a rollout ends so.
[[nodiscard]] std::uint32_t count_ends(const RolloutSpec& spec, const Traffic& traffic,
                                       std::uint32_t seeds, Phase phase);

/// What somebody does who looks at a dashboard every second: two error rates are compared by a
/// z-test at 5 % (one side, pooled variance), as if it were the only look. True where some look
/// within `seconds` finds the canary worse.
[[nodiscard]] bool is_condemned_by_looking(const Traffic& traffic, PartsPerBillion share,
                                           std::uint32_t seconds, std::uint64_t seed);

}  // namespace windtunnel::rollout
