// What controllers state about rollouts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include "models/rollout/rollout.hpp"

namespace windtunnel::rollout {

/// A rollout stands so in the store: because this controller has just written it, or because it has
/// taken the rollout over and found it so.
struct RolloutMoved {
  static constexpr std::string_view kWireName = "rollout.moved";
  std::string service;
  std::uint32_t version = 0;
  Phase phase = Phase::progressing;
  std::uint32_t step = 0;
  PartsPerBillion weight = 0;
  std::string cause;
  std::uint64_t attempts = 0;  ///< At the canary, as far as they were reported.
  std::uint64_t errors = 0;    ///< Of these.
};
BOOST_DESCRIBE_STRUCT(RolloutMoved, (),
                      (service, version, phase, step, weight, cause, attempts, errors))

}  // namespace windtunnel::rollout
