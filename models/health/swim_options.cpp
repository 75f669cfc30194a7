#include "models/health/swim_options.hpp"

#include <algorithm>

#include "runtime/portable_math.hpp"

namespace windtunnel::health {

using std::chrono::milliseconds;
using std::chrono::seconds;

SwimOptions memberlist_wan_options() {
  SwimOptions options;
  options.suspicion_multiplier = 6;
  options.push_pull_interval = seconds{60};
  options.probe_timeout = seconds{3};
  options.nack_after = seconds{3};
  options.probe_interval = seconds{5};
  options.gossip_nodes = 4;
  options.gossip_interval = milliseconds{500};
  options.gossip_to_the_dead_time = seconds{60};
  return options;
}

SwimOptions memberlist_local_options() {
  SwimOptions options;
  options.indirect_checks = 1;
  options.retransmit_multiplier = 2;
  options.suspicion_multiplier = 3;
  options.push_pull_interval = seconds{15};
  options.probe_timeout = milliseconds{200};
  options.nack_after = milliseconds{200};
  options.gossip_interval = milliseconds{100};
  options.gossip_to_the_dead_time = seconds{15};
  return options;
}

Duration swim_suspicion_timeout(std::uint32_t multiplier, std::size_t members, Duration interval) {
  constexpr double kLn10 = 2.302585092994045684;
  const double scale = portable_log(static_cast<double>(std::max<std::size_t>(members, 1))) / kLn10;
  // The nudge keeps log10 of 1000 at three, whichever way the division rounds.
  const auto thousandths = static_cast<std::int64_t>(std::max(1.0, scale) * 1000 + 1e-9);
  return interval * multiplier * thousandths / 1000;
}

std::uint32_t swim_retransmit_limit(std::uint32_t multiplier, std::size_t members) {
  std::uint32_t digits = 0;
  for (std::uint64_t power = 1; power < members + 1; power *= 10) {
    ++digits;
  }
  return multiplier * digits;
}

std::uint32_t swim_push_pull_scale(std::size_t members) {
  std::uint32_t scale = 1;
  for (std::size_t reach = 32; reach < members; reach *= 2) {
    ++scale;
  }
  return scale;
}

}  // namespace windtunnel::health
