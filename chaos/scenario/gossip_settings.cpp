#include "chaos/scenario/gossip_settings.hpp"

#include <fmt/format.h>

#include "chaos/scenario/quantity.hpp"
#include "chaos/scenario/scenario_values.hpp"

namespace windtunnel::chaos {

health::SwimOptions swim_options_of(const GossipSettings& settings) {
  health::SwimOptions options;
  options.probe_interval = settings.probe_interval;
  options.probe_timeout = settings.probe_timeout;
  options.nack_after = settings.probe_timeout;  // As memberlist.
  options.gossip_interval = settings.gossip_interval;
  options.indirect_checks = settings.indirect_checks;
  options.suspicion_multiplier = settings.suspicion_multiplier;
  return options;
}

GossipSettings read_gossip(const Node& node) {
  GossipSettings settings;
  const std::size_t problems_before = node.reading().problems;
  const Block block{node, keys::gossip};
  block.optional("probe_interval", settings.probe_interval, kPositive);
  block.optional("probe_timeout", settings.probe_timeout, kPositive);
  block.optional("gossip_interval", settings.gossip_interval, kPositive);
  block.optional("indirect_checks", settings.indirect_checks, Limits<std::uint32_t>{0, 1000});
  block.optional("suspicion_multiplier", settings.suspicion_multiplier,
                 Limits<std::uint32_t>{1, 1000});
  if (node.reading().problems == problems_before &&
      settings.probe_timeout >= settings.probe_interval) {
    node.complain(
        fmt::format("a probe_timeout of {} and a probe_interval of {}",
                    quantity_text(settings.probe_timeout), quantity_text(settings.probe_interval)),
        "a probe_timeout below the probe_interval: others are asked in what is left");
  }
  return settings;
}

Json gossip_json(const GossipSettings& settings) {
  return {{"probe_interval", quantity_text(settings.probe_interval)},
          {"probe_timeout", quantity_text(settings.probe_timeout)},
          {"gossip_interval", quantity_text(settings.gossip_interval)},
          {"indirect_checks", settings.indirect_checks},
          {"suspicion_multiplier", settings.suspicion_multiplier}};
}

std::string gossip_text(const GossipSettings& settings) {
  return fmt::format("  gossip: a probe every {}, {} others asked after {}\n",
                     quantity_text(settings.probe_interval), settings.indirect_checks,
                     quantity_text(settings.probe_timeout));
}

}  // namespace windtunnel::chaos
