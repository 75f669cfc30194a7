// Sends one peer the operations that were accepted here, in order, one message under way at a time,
// again and again until the peer says that it has seen them; and tells it now and then how this
// replica stands.
#pragma once

#include "models/replica/replica_store.hpp"
#include "runtime/host.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::replica {

struct PusherOptions {
  ReplicaId peer{};
  HostId host{};
  Duration timeout = std::chrono::seconds{1};
  Duration retry = std::chrono::milliseconds{500};  ///< After nothing was answered or taken.
  Duration report_every = std::chrono::seconds{1};  ///< Where there is nothing to send.
};

class Pusher {
 public:
  Pusher(Host& host, ReplicaStore& store, const PusherOptions& options)
      : host_(host), store_(store), options_(options), idle_(host) {}

  /// Begins; the store must have been loaded.
  void start();
  /// There is something new to send.
  void wake() { idle_.cancel(); }

 private:
  asio::awaitable<void> run();
  asio::awaitable<void> idle();
  /// Whether the peer answered, and took some of what there was.
  asio::awaitable<bool> push();
  [[nodiscard]] Push next_push();
  [[nodiscard]] bool has_unseen() const;

  Host& host_;
  ReplicaStore& store_;
  PusherOptions options_;
  Timer idle_;
};

}  // namespace windtunnel::replica
