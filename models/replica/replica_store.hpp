// A replica on a host's disk: every change is written before anybody hears of it. Whatever leaves
// the host waits until all is durable that it may rest on; then an operation's number is never used
// again, and what was said to have been seen is not forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "models/replica/change_log.hpp"
#include "models/replica/messages.hpp"
#include "models/replica/outbox.hpp"
#include "models/replica/replica.hpp"
#include "models/replica/stability.hpp"
#include "runtime/host.hpp"

namespace windtunnel::replica {

struct ReplicaStoreOptions {
  ReplicaOptions replica;
  std::uint32_t replicas = 1;  ///< That there are.
  std::size_t hints_max = 10'000;
};

class ReplicaStore {
 public:
  ReplicaStore(Host& host, const ReplicaStoreOptions& options);

  /// Reads the disk. Must complete before anything else.
  [[nodiscard]] asio::awaitable<void> load();

  [[nodiscard]] Dot accept(OperationKind kind, std::string key, std::optional<std::string> value);
  void apply(const Operation& operation);
  void report(ReplicaId from, const Standing& standing);

  void open_repair(CausalContext partner_seen) { replica_.open_repair(std::move(partner_seen)); }
  [[nodiscard]] RepairStep next_step(const RepairStep& received);
  void complete_repair();
  void abandon_repair() { replica_.abandon_repair(); }

  /// Forgets the deletions that everybody has seen, or all that are so old.
  void collect(std::optional<Duration> kept);

  /// As it is now; to be sent once durable.
  [[nodiscard]] Standing standing();

  /// Runs `then` once all changes until now are durable.
  template <typename Then>
  void when_durable(Then then) {
    log_.when_durable(Completion<void()>{std::move(then)});
  }
  template <typename Token>
  auto async_durable(Token&& token) {
    return log_.async_durable(std::forward<Token>(token));
  }

  [[nodiscard]] const Replica& replica() const { return replica_; }
  [[nodiscard]] const Outbox& outbox() const { return outbox_; }
  [[nodiscard]] const CausalContext& seen_by(ReplicaId peer) const {
    return stability_.seen_by(peer);
  }

 private:
  void restore(const std::vector<Change>& changes);
  void restore(const Change& change);
  void keep(const Operation& operation);
  /// States, once durable, which operations have come since it was stated last.
  void state_progress();
  void state_refusal(const Operation& operation);

  Host& host_;
  std::uint32_t replicas_;
  Replica replica_;
  Stability stability_;
  Outbox outbox_;
  ChangeLog log_;
  std::vector<std::uint64_t> stated_;   ///< By origin.
  std::vector<std::uint64_t> refused_;  ///< By origin, the last one stated.
};

}  // namespace windtunnel::replica
