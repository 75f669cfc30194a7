// How hosts find out by gossip who of them is gone: the values, how they are read from a scenario,
// and how a plan prints them.
#pragma once

#include <cstdint>
#include <string>

#include "chaos/scenario/scenario_reader.hpp"
#include "models/health/swim_options.hpp"

namespace windtunnel::chaos {

/// SWIM's, with memberlist's defaults for a LAN.
struct GossipSettings {
  Duration probe_interval = health::SwimOptions{}.probe_interval;
  Duration probe_timeout = health::SwimOptions{}.probe_timeout;
  Duration gossip_interval = health::SwimOptions{}.gossip_interval;
  std::uint32_t indirect_checks = health::SwimOptions{}.indirect_checks;
  std::uint32_t suspicion_multiplier = health::SwimOptions{}.suspicion_multiplier;
  friend bool operator==(const GossipSettings&, const GossipSettings&) = default;
};

[[nodiscard]] health::SwimOptions swim_options_of(const GossipSettings& settings);

[[nodiscard]] GossipSettings read_gossip(const Node& node);
[[nodiscard]] Json gossip_json(const GossipSettings& settings);
[[nodiscard]] std::string gossip_text(const GossipSettings& settings);

}  // namespace windtunnel::chaos
