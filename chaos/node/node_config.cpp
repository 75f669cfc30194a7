#include "chaos/node/node_config.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "chaos/scenario/scenario_values.hpp"

namespace windtunnel::chaos {

namespace {

using Name = std::string_view;

constexpr std::array kNodeKeys{Name{"id"},       Name{"name"}, Name{"listen"}, Name{"peers"},
                               Name{"data_dir"}, Name{"raft"}, Name{"seed"},   Name{"journal"}};
constexpr std::array kPeerKeys{Name{"id"}, Name{"name"}, Name{"address"}};
constexpr std::array kRaftKeys{Name{"tick"}, Name{"heartbeat_ticks"}, Name{"election_ticks"},
                               Name{"pre_vote"}, Name{"check_quorum"}};
constexpr KeySet kNode{"node", kNodeKeys};
constexpr KeySet kPeer{"peer", kPeerKeys};
constexpr KeySet kRaft{"raft", kRaftKeys};

constexpr Limits<std::uint32_t> kTicks{1, 1000};
// What is above is kept free for "no host".
constexpr Limits<std::uint32_t> kHostIds{0, 1'000'000};

void read_id(const Block& block, HostId& into) {
  std::uint32_t number = 0;
  block.required("id", number, kHostIds);
  into = HostId{number};
}

void read_endpoint(const Block& block, std::string_view key, live::Endpoint& into) {
  std::string text;
  block.required(key, text);
  if (text.empty()) {
    return;
  }
  const auto endpoint = live::parse_endpoint(text);
  if (!endpoint) {
    block.at(key).complain("a numeric address and a port, as in \"127.0.0.1:7001\"");
    return;
  }
  into = *endpoint;
}

void read_node_raft(const Node& node, raft::ServiceOptions& raft) {
  const Block block{node, kRaft};
  block.optional("tick", raft.tick, kPositive);
  block.optional("heartbeat_ticks", raft.heartbeat_ticks, kTicks);
  block.optional("election_ticks", raft.election_ticks, kTicks);
  block.optional("pre_vote", raft.pre_vote);
  block.optional("check_quorum", raft.check_quorum);
  if (raft.election_ticks <= raft.heartbeat_ticks) {
    node.complain(fmt::format("{} election_ticks and {} heartbeat_ticks", raft.election_ticks,
                              raft.heartbeat_ticks),
                  "more election_ticks than heartbeat_ticks");
  }
}

void read_peers(const Node& node, NodeConfig& config) {
  std::vector<HostId> taken{config.id};
  for (const Node& element : node.elements("an array of peers")) {
    const Block block{element, kPeer};
    NodePeer peer;
    read_id(block, peer.id);
    peer.name = fmt::format("node-{}", peer.id.value());
    block.optional("name", peer.name);
    read_endpoint(block, "address", peer.address);
    if (std::find(taken.begin(), taken.end(), peer.id) != taken.end()) {
      element.complain(fmt::format("the id {} again", peer.id.value()),
                       "an id of its own for each node");
    }
    taken.push_back(peer.id);
    config.peers.push_back(std::move(peer));
  }
  std::sort(taken.begin(), taken.end());
  config.raft.voters = std::move(taken);
}

NodeConfig read_node(Reading& reading) {
  NodeConfig config;
  const Block block{Node{reading}, kNode};
  read_id(block, config.id);
  config.name = fmt::format("node-{}", config.id.value());
  block.optional("name", config.name);
  read_endpoint(block, "listen", config.listen);
  if (block.require("peers")) {
    read_peers(block.at("peers"), config);
  }
  block.required("data_dir", config.data_directory);
  if (block.has("raft")) {
    read_node_raft(block.at("raft"), config.raft);
  }
  block.optional("seed", config.seed);
  block.optional("journal", config.journal);
  if (reading.has_ranges) {
    block.node().complain("a range", "one value for each setting");
  }
  return config;
}

}  // namespace

LoadedNodeConfig load_node_config(const Source& source) {
  LoadedNodeConfig loaded;
  loaded.errors = source.errors();
  if (!source.is_readable()) {
    return loaded;
  }
  Reading reading{source, RangeChoice::low, 0, {}, false};
  NodeConfig config = read_node(reading);
  loaded.errors.insert(loaded.errors.end(), reading.errors.begin(), reading.errors.end());
  sort_by_place(loaded.errors);
  if (loaded.errors.empty()) {
    loaded.config = std::move(config);
  }
  return loaded;
}

NodeConfig load_node_config_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
  if (!file) {
    throw BadInput{{{{path, 0, 0}, "", "no file that can be read", "a node's configuration", ""}}};
  }
  LoadedNodeConfig loaded = load_node_config(parse_source(std::move(text), path));
  if (!loaded.config) {
    throw BadInput{std::move(loaded.errors)};
  }
  return std::move(*loaded.config);
}

}  // namespace windtunnel::chaos
