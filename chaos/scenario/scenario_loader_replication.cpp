#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "chaos/scenario/scenario_loader.hpp"
#include "chaos/scenario/scenario_values.hpp"

namespace windtunnel::chaos {

namespace {

using replica::StampKind;

constexpr std::array kStamps{Choice<StampKind>{"hybrid", StampKind::hybrid},
                             Choice<StampKind>{"wall", StampKind::wall}};
constexpr Limits<Duration> kIntervals{std::chrono::milliseconds{1}, kLongest};

void read_mix(const Node& node, ReplicationLoad& load) {
  const Block block{node, keys::replication_mix};
  const std::size_t problems_before = node.reading().problems;
  load.mix = {};
  for (std::size_t i = 0; i < load.mix.size(); ++i) {
    block.optional(keys::replication_mix.keys[i], load.mix[i], Limits<std::uint32_t>{0, 1'000'000});
  }
  if (node.reading().problems == problems_before &&
      std::accumulate(load.mix.begin(), load.mix.end(), std::uint64_t{0}) == 0) {
    node.complain("no call of any kind",
                  "a weight for at least one of put, erase, add, remove, read");
  }
}

/// The replica of a client: of its own zone, or else of its region.
std::optional<HostId> replica_for(HostId client, const std::vector<HostId>& replicas,
                                  const HostDirectory& hosts) {
  const DirectoryEntry& self = hosts[client];
  const auto in_zone = std::ranges::find_if(
      replicas, [&](HostId replica) { return hosts[replica].zone == self.zone; });
  const auto in_region = std::ranges::find_if(
      replicas, [&](HostId replica) { return hosts[replica].region == self.region; });
  const auto nearest = in_zone != replicas.end() ? in_zone : in_region;
  return nearest == replicas.end() ? std::nullopt : std::optional{*nearest};
}

void find_replicas(const Node& from, const std::vector<HostId>& replicas,
                   const HostDirectory& hosts, ReplicationLoad& load) {
  for (const HostId client : load.from) {
    const std::optional<HostId> replica = replica_for(client, replicas, hosts);
    if (!replica) {
      from.complain(fmt::format("\"{}\", in whose region {} is no replica", hosts[client].name,
                                hosts[client].region),
                    "clients in regions with a replica");
      return;
    }
    load.replicas.push_back(*replica);
  }
}

ReplicationLoad read_replication_load(const Node& node, const std::vector<HostId>& replicas,
                                      const HostDirectory& hosts) {
  ReplicationLoad load;
  const Block block{node, keys::replication_load};
  load.from = read_hosts(block, "from", hosts);
  if (!replicas.empty() && block.has("from")) {
    find_replicas(block.at("from"), replicas, hosts, load);
  }
  block.required("rate", load.rate);
  if (block.has("mix")) {
    read_mix(block.at("mix"), load);
  }
  block.optional("keys", load.keys, Limits<std::uint32_t>{1, 1'000'000});
  block.optional("skew", load.skew, Limits<double>{0, 10});
  block.optional("timeout", load.timeout, kPositive);
  return load;
}

}  // namespace

Replication read_replication(const Node& node, const HostDirectory& hosts) {
  Replication replication;
  const Block block{node, keys::replication};
  const std::size_t problems_before = node.reading().problems;
  replication.on = read_hosts(block, "on", hosts);
  if (node.reading().problems == problems_before && replication.on.size() == 1) {
    block.at("on").complain("one host", "at least two");
  }
  block.optional("stamps", replication.stamps, std::span<const Choice<StampKind>>{kStamps});
  block.optional("max_ahead", replication.max_ahead, kAnyDuration);
  block.optional("retry", replication.retry, kIntervals);
  block.optional("hints", replication.hints, Limits<std::uint32_t>{1, 1'000'000});
  if (block.has("repair_every") && block.at("repair_every").json().is_null()) {
    replication.repair_every.reset();
  } else {
    block.optional("repair_every", replication.repair_every, kIntervals);
  }
  block.optional("deletions_kept", replication.deletions_kept, kAnyDuration);
  if (block.has("load")) {
    for (const Node& load : block.at("load").elements("an array of loads")) {
      replication.loads.push_back(read_replication_load(load, replication.on, hosts));
    }
  }
  return replication;
}

}  // namespace windtunnel::chaos
