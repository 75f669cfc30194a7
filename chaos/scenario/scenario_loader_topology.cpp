#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "chaos/scenario/host_pattern.hpp"
#include "chaos/scenario/nearest_name.hpp"
#include "chaos/scenario/scenario_loader.hpp"
#include "chaos/scenario/scenario_values.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::string_view kOnlyGroup = "main";  ///< The zone or region of all where none is named.

constexpr std::array kRoleWords{std::string_view{"leader"}, std::string_view{"followers"},
                                std::string_view{"minority"}, std::string_view{"majority"}};

void read_zones(const Node& node, Plan& plan) {
  for (const auto& [name, region] : node.members("an object of zone: region")) {
    PlannedZone zone{name, ""};
    read_value(region, zone.region);
    if (!is_plain_name(name)) {
      region.complain_about_key(fmt::format("the zone name {}", Json(name).dump()),
                                "letters, digits, '-', '_' and '.'");
    } else if (!zone.region.empty() && !is_plain_name(zone.region)) {
      region.complain("letters, digits, '-', '_' and '.'");
    }
    plan.zones.push_back(std::move(zone));
  }
}

/// Where the hosts of one pattern stand: one text for all, or several taken in turn.
struct Placement {
  std::vector<std::pair<std::string, Node>> zones;
};

Placement read_placement(const Block& block) {
  Placement placement;
  if (block.has("zone") && block.has("spread")) {
    block.at("spread").complain_about_key("\"spread\" beside \"zone\"", "one of them");
  } else if (block.has("zone")) {
    std::string zone;
    read_value(block.at("zone"), zone);
    placement.zones.emplace_back(zone, block.at("zone"));
  } else if (block.has("spread")) {
    for (const Node& element : block.at("spread").elements("an array of zones")) {
      std::string zone;
      read_value(element, zone);
      placement.zones.emplace_back(zone, element);
    }
    if (block.at("spread").json().is_array() && placement.zones.empty()) {
      block.at("spread").complain("an empty array", "at least one zone");
    }
  }
  return placement;
}

/// `text` with every "{}" replaced by what the host's braces became.
std::string fill_in(std::string text, const std::string& item) {
  for (std::size_t at = text.find("{}"); at != std::string::npos;
       at = text.find("{}", at + item.size())) {
    text.replace(at, 2, item);
  }
  return text;
}

/// Reads the hosts in the order of the file.
class HostReader {
 public:
  /// Where the plan has no zones yet, the zones that hosts name are made.
  explicit HostReader(Plan& plan) : plan_(plan), makes_zones_(plan.zones.empty()) {}

  void read(const std::string& pattern, const Node& node) {
    auto names = expand_braces(pattern);
    if (const Complaint* complaint = std::get_if<Complaint>(&names)) {
      node.complain_about_key(fmt::format("the host {}", Json(pattern).dump()),
                              complaint->expected);
      return;
    }
    PlannedHost host;
    const Block block{node, keys::host};
    block.optional("cores", host.cores, Limits<std::uint32_t>{1, 1024});
    block.optional("message_cost", host.message_cost,
                   Limits<Duration>{Duration{0}, std::chrono::seconds{1}});
    if (block.has("clock")) {
      read_clock(Block{block.at("clock"), keys::clock}, host.clock);
    }
    const Placement placement = read_placement(block);
    for (const auto& [text, place] : placement.zones) {
      if (text.find("{}") == std::string::npos) {
        // A zone of `spread` that no host gets is checked too.
        find_zone(text, place);
      }
    }
    place_all(std::get<std::vector<ExpandedName>>(names), placement, node, host);
  }

 private:
  static void read_clock(const Block& block, ClockSettings& clock) {
    block.optional("offset", clock.offset, Limits<Duration>{-kLongest, kLongest});
    block.optional("drift", clock.drift);
  }

  void place_all(const std::vector<ExpandedName>& names, const Placement& placement,
                 const Node& node, PlannedHost host) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!add_name(names[i].name, node)) {
        return;
      }
      host.name = names[i].name;
      host.zone.clear();
      if (!placement.zones.empty()) {
        const auto& [text, place] = placement.zones[i % placement.zones.size()];
        host.zone = find_zone(fill_in(text, names[i].item), place);
      }
      plan_.hosts.push_back(host);
    }
  }

  bool add_name(const std::string& name, const Node& node) {
    const bool is_role = std::find(kRoleWords.begin(), kRoleWords.end(), name) != kRoleWords.end();
    if (!is_plain_name(name) || is_role) {
      node.complain_about_key(fmt::format("the host name {}", Json(name).dump()),
                              "letters, digits, '-', '_' and '.', and not the name of a role");
      return false;
    }
    if (plan_.hosts.size() >= kHostsMax) {
      node.complain_about_key("too many hosts", fmt::format("at most {}", kHostsMax));
      return false;
    }
    if (!names_.insert(name).second) {
      node.complain_about_key(fmt::format("the host \"{}\" a second time", name), "each host once");
      return false;
    }
    return true;
  }

  std::string find_zone(const std::string& name, const Node& place) {
    const auto known = [&](const PlannedZone& zone) { return zone.name == name; };
    if (name.empty() || std::any_of(plan_.zones.begin(), plan_.zones.end(), known)) {
      return name;
    }
    if (makes_zones_ && is_plain_name(name)) {
      plan_.zones.push_back({name, std::string{kOnlyGroup}});
    } else if (complained_.insert(name).second) {
      complain_about_zone(name, place);
    }
    return name;
  }

  void complain_about_zone(const std::string& name, const Node& place) const {
    std::vector<std::string> names;
    names.reserve(plan_.zones.size());
    for (const PlannedZone& zone : plan_.zones) {
      names.push_back(zone.name);
    }
    place.complain(fmt::format("the unknown zone {}", Json(name).dump()),
                   names.empty() ? "letters, digits, '-', '_' and '.'"
                                 : fmt::format("one of {}", fmt::join(names, ", ")),
                   nearest_name(name, names));
  }

  Plan& plan_;
  bool makes_zones_;
  std::set<std::string> names_;
  std::set<std::string> complained_;
};

void complete_zones(Plan& plan) {
  if (plan.zones.empty()) {
    plan.zones.push_back({std::string{kOnlyGroup}, std::string{kOnlyGroup}});
  }
  for (PlannedHost& host : plan.hosts) {
    host.zone = host.zone.empty() ? plan.zones.front().name : host.zone;
    for (const PlannedZone& zone : plan.zones) {
      host.region = zone.name == host.zone ? zone.region : host.region;
    }
  }
}

void read_network(const Block& topology, Network& network) {
  if (topology.has("latency")) {
    const Block block{topology.at("latency"), keys::latencies};
    block.optional("loopback", network.loopback);
    block.optional("zone", network.zone.latency);
    block.optional("region", network.region.latency);
    block.optional("wan", network.wan.latency);
  }
  if (topology.has("bandwidth")) {
    const Block block{topology.at("bandwidth"), keys::bandwidths};
    block.optional("zone", network.zone.bandwidth);
    block.optional("region", network.region.bandwidth);
    block.optional("wan", network.wan.bandwidth);
  }
  if (topology.has("loss")) {
    const Block block{topology.at("loss"), keys::losses};
    block.optional("zone", network.zone.loss);
    block.optional("region", network.region.loss);
    block.optional("wan", network.wan.loss);
  }
}

}  // namespace

void read_topology(const Node& node, Plan& plan) {
  const Block block{node, keys::topology};
  if (block.has("zones")) {
    read_zones(block.at("zones"), plan);
  }
  if (block.require("hosts")) {
    HostReader reader{plan};
    const Node hosts = block.at("hosts");
    for (const auto& [pattern, host] : hosts.members("an object of host: settings")) {
      reader.read(pattern, host);
    }
    if (hosts.json().is_object() && hosts.json().empty()) {
      hosts.complain("no host", "at least one host");
    }
  }
  complete_zones(plan);
  read_network(block, plan.network);
}

}  // namespace windtunnel::chaos
