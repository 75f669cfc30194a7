// One replica as a service: it answers clients by itself, sends its peers what it accepted, repairs
// itself with them now and then, and forgets deletions. It asks nobody before it answers, so it
// answers on either side of a partition; what that costs is in the headers of the map and the set.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "models/replica/pusher.hpp"
#include "models/replica/repairer.hpp"
#include "models/replica/replica_store.hpp"
#include "runtime/host.hpp"

namespace windtunnel::replica {

struct NodeOptions {
  std::vector<HostId> replicas;  ///< By ReplicaId; this host among them. The same on all of them.
  StampKind stamps = StampKind::hybrid;
  Duration ahead_max = std::chrono::milliseconds{500};
  Duration retry = std::chrono::milliseconds{500};
  std::size_t hints_max = 10'000;
  std::optional<Duration> repair_every = std::chrono::seconds{10};
  /// How long deletions are remembered; absent: until everybody has seen them.
  std::optional<Duration> deletions_kept{};
};

/// Part of a Program; reads the disk at once, and serves when it has.
class Node {
 public:
  Node(Host& host, const NodeOptions& options);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  [[nodiscard]] const Replica& replica() const { return store_.replica(); }
  [[nodiscard]] bool is_ready() const { return is_ready_; }

 private:
  asio::awaitable<void> run();
  void serve();
  void answer(WriteRequest& request, const ReplyTo& reply);
  void answer(const ReadRequest& request, const ReplyTo& reply);
  void answer(HostId from, const Push& push, const ReplyTo& reply);

  Host& host_;
  NodeOptions options_;
  ReplicaStore store_;
  Repairer repairer_;
  std::vector<std::unique_ptr<Pusher>> pushers_;
  bool is_ready_ = false;
  Subscription writes_;
  Subscription reads_;
  Subscription pushes_;
};

}  // namespace windtunnel::replica
