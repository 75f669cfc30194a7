#include "chaos/scenario/virtual_address_settings.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "chaos/scenario/nearest_name.hpp"
#include "chaos/scenario/quantity.hpp"
#include "chaos/scenario/scenario_values.hpp"

namespace windtunnel::chaos {

namespace {

constexpr Duration kUnit = health::centiseconds(1);
constexpr Limits<Duration> kAdvertisements{kUnit, kUnit * 4095};

void read_priorities(const Node& node, const HostDirectory& hosts,
                     VirtualAddressSettings& settings) {
  std::vector<std::string> names;
  for (const RouterPriority& router : settings.priorities) {
    names.push_back(hosts[router.host].name);
  }
  for (const auto& [name, member] : node.members("priorities by host")) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) {
      member.complain_about_key(fmt::format("\"{}\", which has no instance of the service", name),
                                fmt::format("one of {}", fmt::join(names, ", ")),
                                nearest_name(name, names));
      continue;
    }
    std::uint32_t priority = 0;
    read_value(member, priority, Limits<std::uint32_t>{1, 255});
    settings.priorities[static_cast<std::size_t>(at - names.begin())].priority =
        static_cast<std::uint8_t>(std::max(priority, 1U));
  }
}

void check_advertisement(const Block& block, const VirtualAddressSettings& settings) {
  const Duration unit = settings.version == 2 ? kUnit * 100 : kUnit;
  if (settings.advertisement % unit != Duration::zero()) {
    const Node node = block.has("advertisement") ? block.at("advertisement") : block.node();
    node.complain(fmt::format("{}, which version {} cannot say",
                              quantity_text(settings.advertisement), settings.version),
                  fmt::format("a multiple of {}", quantity_text(unit)));
  }
}

}  // namespace

health::VrrpOptions vrrp_options_of(const VirtualAddressSettings& settings, HostId host,
                                    std::uint8_t router) {
  health::VrrpOptions options;
  options.version = settings.version == 2 ? health::VrrpVersion::v2 : health::VrrpVersion::v3;
  options.virtual_router_id = router;
  options.advertisement_interval_centiseconds =
      static_cast<std::uint16_t>(settings.advertisement / kUnit);
  options.preemption =
      settings.preempts ? health::VrrpPreemption::allowed : health::VrrpPreemption::disabled;
  const auto own = std::find_if(settings.priorities.begin(), settings.priorities.end(),
                                [&](const RouterPriority& one) { return one.host == host; });
  if (own != settings.priorities.end()) {
    options.priority = own->priority;
  }
  return options;
}

VirtualAddressSettings read_virtual_address(const Node& node, const HostDirectory& hosts,
                                            const std::vector<HostId>& instances) {
  VirtualAddressSettings settings;
  for (const HostId host : instances) {
    settings.priorities.push_back({host, health::VrrpOptions{}.priority});
  }
  const std::size_t problems_before = node.reading().problems;
  const Block block{node, keys::virtual_address};
  if (block.has("priorities")) {
    read_priorities(block.at("priorities"), hosts, settings);
  }
  block.optional("advertisement", settings.advertisement, kAdvertisements);
  block.optional("version", settings.version, Limits<std::uint32_t>{2, 3});
  block.optional("preempts", settings.preempts);
  if (node.reading().problems == problems_before) {
    check_advertisement(block, settings);
  }
  return settings;
}

Json virtual_address_json(const VirtualAddressSettings& settings,
                          const std::vector<std::string>& host_names) {
  Json priorities = Json::object();
  for (const RouterPriority& router : settings.priorities) {
    priorities[host_names[router.host.value()]] = router.priority;
  }
  return {{"priorities", std::move(priorities)},
          {"advertisement", quantity_text(settings.advertisement)},
          {"version", settings.version},
          {"preempts", settings.preempts}};
}

}  // namespace windtunnel::chaos
