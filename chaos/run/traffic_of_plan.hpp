// From a planned load on a service to the client that one of its hosts runs, and from a planned
// service to the station behind its name.
#pragma once

#include <cstddef>
#include <cstdint>

#include "chaos/scenario/plan.hpp"
#include "models/client/load_client.hpp"
#include "models/service/node.hpp"

namespace windtunnel::chaos {

/// A load as one of its hosts has it: its share of the rate, of the trace or of the users.
struct LoadOnHost {
  const Load& load;
  std::uint32_t number = 0;  ///< Tells the loads of a run apart.
  std::size_t place = 0;     ///< Of the host among those of the load.
  Duration lasts{};
};

/// Preconditions of each: the load is on a service, and open or closed as the name says.
[[nodiscard]] client::OpenLoopOptions open_loop_of(const LoadOnHost& own);
[[nodiscard]] client::ClosedLoopOptions closed_loop_of(const LoadOnHost& own);

/// Events per second of one host's share.
[[nodiscard]] double rate_per_host(Rate rate, const Load& load);

/// Fills in what the plan says of the station and of its calls.
void describe_station(const PlannedService& planned, service::ServiceOptions& options);

}  // namespace windtunnel::chaos
