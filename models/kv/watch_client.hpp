// The watches of one host on the replicated store. Each follows one node, and another from where it
// stands when that one falls silent, loses a batch or knows no leader: its user sees every event
// once, in order, whatever happens to the nodes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "models/kv/watch_messages.hpp"
#include "runtime/host.hpp"
#include "runtime/random.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::kv {

struct WatchClientOptions {
  std::vector<HostId> nodes;
  Duration create_timeout = std::chrono::milliseconds{500};
  /// Without a batch for so long, a node is given up: three times WatchServerOptions::progress.
  Duration silence_max = std::chrono::seconds{3};
  /// Before another node is tried; with full jitter, so that watchers do not move as one.
  Duration pause_max = std::chrono::milliseconds{200};
};

struct WatchHandlers {
  /// In order; batches without events only say how far things are known.
  std::function<void(const WatchBatch&)> on_batch;
  /// The watch has ended: what it missed is gone. Its number is no longer valid.
  std::function<void(WatchEnd)> on_end;
};

class WatchClient {
 public:
  WatchClient(Host& host, WatchClientOptions options);
  WatchClient(const WatchClient&) = delete;
  WatchClient& operator=(const WatchClient&) = delete;

  /// Watches everything after `after`. Returns the watch's number.
  std::uint64_t start(WatchRange range, std::uint64_t after, WatchHandlers handlers);
  void stop(std::uint64_t watch);

  /// How often a watch had to be created anew at some node.
  [[nodiscard]] std::uint64_t resumptions() const { return resumptions_; }

 private:
  struct Watch {
    Watch(Host& host, WatchRange r, std::uint64_t after, WatchHandlers h, HostId n)
        : range(std::move(r)), handlers(std::move(h)), through(after), node(n), silence(host) {}
    WatchRange range;
    WatchHandlers handlers;
    std::uint64_t through;
    HostId node;
    std::optional<std::uint64_t> attempt;  ///< Under which the node knows it, while it follows.
    Instant heard_at{};
    Timer silence;
    bool is_stopped = false;
  };

  asio::awaitable<void> follow(std::shared_ptr<Watch> watch, std::uint64_t number);
  /// One attempt at the watch's present node: returns when it is over.
  asio::awaitable<void> follow_node(Watch& watch, std::uint64_t number);
  void receive(HostId from, const WatchBatch& batch);
  void receive_end(HostId from, const WatchEnded& ended);
  void end(Watch& watch, std::uint64_t number, WatchEnd reason);
  void move_on(Watch& watch);
  [[nodiscard]] std::shared_ptr<Watch> find(HostId from, std::uint64_t attempt) const;

  Host& host_;
  WatchClientOptions options_;
  RandomStream random_;
  std::uint64_t next_number_;  // Starts anywhere: a node may remember an earlier life of this host.
  std::map<std::uint64_t, std::shared_ptr<Watch>> watches_;
  std::uint64_t resumptions_ = 0;
  std::vector<Subscription> subscriptions_;
};

}  // namespace windtunnel::kv
