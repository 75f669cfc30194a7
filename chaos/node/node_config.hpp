// What one live node of the replicated store is told: who it is, where the others are, how its Raft
// is set. Read from JSON as strictly as a scenario.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "chaos/scenario/input_error.hpp"
#include "chaos/scenario/source.hpp"
#include "live/endpoint.hpp"
#include "models/raft/service.hpp"

namespace windtunnel::chaos {

struct NodePeer {
  HostId id;
  std::string name;
  live::Endpoint address;
};

struct NodeConfig {
  HostId id;
  std::string name;  ///< In the journal; "node-ID" where the file gives none.
  live::Endpoint listen;
  std::vector<NodePeer> peers;  ///< The other voters.
  std::string data_directory;
  raft::ServiceOptions raft;
  /// A file, "-" for standard output; empty for none.
  std::string journal;
  std::optional<std::uint64_t> seed;
};

struct LoadedNodeConfig {
  std::optional<NodeConfig> config;  ///< Present where there are no errors.
  std::vector<InputError> errors;
};

[[nodiscard]] LoadedNodeConfig load_node_config(const Source& source);

/// Throws BadInput with every problem of the file.
[[nodiscard]] NodeConfig load_node_config_file(const std::string& path);

}  // namespace windtunnel::chaos
