// Repairs this replica with one peer after another: begins a repair every so often, and answers
// those that peers begin. One at a time, whoever began it; a partner that falls silent is given up.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/replica/replica_store.hpp"
#include "runtime/host.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::replica {

struct RepairerOptions {
  std::vector<HostId> replicas;                              ///< By ReplicaId; this one included.
  std::optional<Duration> every = std::chrono::seconds{10};  ///< Absent: begins none.
  Duration timeout = std::chrono::seconds{2};                ///< Of one message of a repair.
};

class Repairer {
 public:
  Repairer(Host& host, ReplicaStore& store, RepairerOptions options);

  /// Begins; the store must have been loaded.
  void start();

 private:
  struct Session {
    std::uint64_t id = 0;
    HostId partner{};
  };

  asio::awaitable<void> run();
  asio::awaitable<void> repair_with(ReplicaId partner);
  asio::awaitable<std::optional<RepairOpened>> open(HostId partner);
  [[nodiscard]] bool is_busy() const { return is_driving_ || session_.has_value(); }

  void answer(HostId from, const RepairHello& hello, const ReplyTo& reply);
  void answer(HostId from, const RepairRequest& request, const ReplyTo& reply);
  void give_up();

  Host& host_;
  ReplicaStore& store_;
  RepairerOptions options_;
  RandomStream random_;
  bool is_driving_ = false;
  std::optional<Session> session_;  ///< That a partner drives.
  std::uint64_t sessions_ = 0;
  Timeout patience_;
  Subscription hellos_;
  Subscription requests_;
};

}  // namespace windtunnel::replica
