// Swarm testing of the global quota: each seed draws clients, clocks, a network and crashes, and
// runs the server and clients under them. At every event the sum of what the clients believe they
// may use is compared with the capacity, and all that they admit with the bound of one token bucket
// of that rate. At the end the faults stop, and everybody must get what
// the division entitles it to.
#pragma once

#include <cstdint>
#include <string>

namespace windtunnel::limit {

struct QuotaSwarmRun {
  std::string breach;  ///< Which rule was broken and how; empty where none was.
  std::uint64_t requests = 0;
  std::uint64_t adopted = 0;  ///< Responses that changed what a client may use.
  std::uint64_t server_crashes = 0;
  std::uint64_t client_crashes = 0;
  std::uint64_t renewed_while_learning = 0;
  std::uint64_t full = 0;   ///< Events at which clients held at least 99 % of the capacity.
  std::uint64_t spent = 0;  ///< Requests admitted.
  double wanted = 0;        ///< What an omniscient divider would have given, over time, and
  double held = 0;          ///< what of it clients held.
};

[[nodiscard]] QuotaSwarmRun run_quota_swarm(std::uint64_t seed);

}  // namespace windtunnel::limit
