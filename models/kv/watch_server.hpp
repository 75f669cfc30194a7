// Serves watches from one node of the replicated store: any node, since what it has applied is
// committed. A node that knows no leader falls silent, so that its watchers look for a better one.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "models/kv/store.hpp"
#include "models/kv/watch_hub.hpp"
#include "models/kv/watch_messages.hpp"
#include "runtime/host.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::kv {

struct WatchServerOptions {
  std::size_t batch_events_max = 256;
  /// Batches on their way to one watcher before it has acknowledged the first of them.
  std::uint32_t unacknowledged_max = 4;
  /// Events that may wait for one watcher; beyond, it is sent away to list anew.
  std::uint64_t backlog_max = 4096;
  /// A watcher hears from the node at least so often, if only that nothing happened.
  Duration progress = std::chrono::seconds{1};
  /// A watcher that has acknowledged nothing for this long is forgotten.
  Duration abandon_after = std::chrono::seconds{15};
};

class WatchServer {
 public:
  WatchServer(Host& host, const Store& store, WatchServerOptions options);
  WatchServer(const WatchServer&) = delete;
  WatchServer& operator=(const WatchServer&) = delete;

  /// The store has applied a command.
  void applied();
  void set_leader_known(std::optional<HostId> leader) { is_leader_known_ = leader.has_value(); }
  [[nodiscard]] std::size_t size() const { return streams_.size(); }

 private:
  using Name = std::pair<HostId, std::uint64_t>;  // The client, and its number for the watch.
  struct Stream {
    WatchId watch{};
    std::uint32_t unacknowledged = 0;
    std::uint64_t sent_through = 0;
    Instant heard_at{};
    Instant sent_at{};
  };
  using Streams = std::map<Name, Stream>;

  void create(HostId client, WatchCreateRequest& request, const ReplyTo& reply);
  void acknowledge(HostId client, const WatchAcknowledge& acknowledgement);
  void end(Streams::iterator stream);
  /// Sends what there is and the window allows. The stream may be gone afterwards.
  void pump(Streams::iterator stream);
  /// Everything between the last batch and `through`: the events_ just taken.
  void send(Streams::iterator stream, std::uint64_t through);
  void tick();

  Host& host_;
  const Store& store_;
  WatchServerOptions options_;
  WatchHub hub_;
  Streams streams_;
  std::vector<Streams::iterator> by_watch_;  // Where the hub's watch of that number belongs.
  std::vector<WatchId> ready_;               // Kept for their memory, as the next.
  std::vector<const Event*> events_;
  bool is_leader_known_ = false;
  Timeout ticker_;
  std::vector<Subscription> subscriptions_;
};

}  // namespace windtunnel::kv
