// A windtunnel-node process of a test, and the cluster of three that tests kill nodes of.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include <nlohmann/json.hpp>

#include "live/endpoint.hpp"
#include "tests/live/live_cluster.hpp"

namespace windtunnel::live {

/// Ends with SIGKILL where nothing else ended it.
class NodeProcess {
 public:
  /// Runs the program with `arguments`; what it says on standard error goes to the end of `log`.
  NodeProcess(const std::vector<std::string>& arguments, const std::filesystem::path& log);
  NodeProcess(const NodeProcess&) = delete;
  NodeProcess& operator=(const NodeProcess&) = delete;
  ~NodeProcess();

  void signal(int number) const;
  /// Waits for its end: the exit code, or 128 + the signal that ended it.
  int wait();

 private:
  pid_t pid_ = 0;
};

/// Who was elected, as a node's journal has it.
struct Election {
  std::uint64_t term = 0;
  HostId leader;
};

/// Three nodes on loopback, each with its configuration, data, journal and log in `directory`.
class NodeCluster {
 public:
  static constexpr std::size_t kNodes = 3;

  NodeCluster(asio::io_context& context, std::filesystem::path directory, nlohmann::json raft);

  void start(HostId node);
  void kill(HostId node);
  /// SIGTERM; its exit code.
  int terminate(HostId node);

  [[nodiscard]] std::vector<HostId> nodes() const;
  [[nodiscard]] const Endpoint& endpoint(HostId node) const { return endpoints_[node.value()]; }
  /// The election of the highest term so far, from the journals of all nodes.
  [[nodiscard]] Election last_election() const;

 private:
  [[nodiscard]] std::filesystem::path file(HostId node, const char* suffix) const;

  std::filesystem::path directory_;
  std::vector<Endpoint> endpoints_;
  std::array<std::optional<NodeProcess>, kNodes> processes_;
};

}  // namespace windtunnel::live
