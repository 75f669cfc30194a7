#include "models/replica/replica_store.hpp"

#include <utility>

#include "models/replica/facts.hpp"

namespace windtunnel::replica {

namespace {

OperationAccepted accepted_fact_of(const Operation& operation, const Replica& replica) {
  OperationAccepted fact{operation.dot, operation.kind, operation.key, operation.time,
                         operation.replaced};
  if (is_of_map(operation.kind)) {
    const Register* const present = replica.map().find(operation.key);
    fact.is_lost = present == nullptr || present->dot != operation.dot;
  }
  return fact;
}

}  // namespace

ReplicaStore::ReplicaStore(Host& host, const ReplicaStoreOptions& options)
    : host_(host),
      replicas_(options.replicas),
      replica_(options.replica),
      stability_(options.replica.self, options.replicas),
      outbox_(options.hints_max),
      log_(host, [&host] { host.journal().record(StorageFailed{}); }),
      stated_(options.replicas),
      refused_(options.replicas) {}

asio::awaitable<void> ReplicaStore::load() {
  restore(co_await log_.load());
}

void ReplicaStore::restore(const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    restore(change);
  }
  state_progress();
}

void ReplicaStore::restore(const Change& change) {
  if (change.operation) {
    replica_.restore(*change.operation);
    if (change.operation->dot.replica == replica_.self()) {
      // The process may have ended after it was durable and before it was stated.
      host_.journal().record(accepted_fact_of(*change.operation, replica_));
      outbox_.add(*change.operation);
    }
  } else if (change.content && change.seen) {
    replica_.restore(*change.content, *change.seen);
  } else if (change.seen) {
    replica_.restore(*change.seen);
  }
}

Dot ReplicaStore::accept(OperationKind kind, std::string key, std::optional<std::string> value) {
  const Operation operation =
      replica_.accept(host_.wall_now(), kind, std::move(key), std::move(value), stability_);
  log_.write({.operation = operation});
  when_durable(
      [this, fact = accepted_fact_of(operation, replica_)] { host_.journal().record(fact); });
  keep(operation);
  state_progress();
  return operation.dot;
}

void ReplicaStore::keep(const Operation& operation) {
  if (const std::size_t dropped = outbox_.add(operation); dropped > 0) {
    host_.journal().record(HintsDropped{dropped});
  }
}

void ReplicaStore::apply(const Operation& operation) {
  switch (replica_.apply(host_.wall_now(), operation)) {
    case Taken::taken:
      log_.write({.operation = operation});
      state_progress();
      return;
    case Taken::refused:
      state_refusal(operation);
      return;
    case Taken::known:
    case Taken::early:
    case Taken::left:
      return;
  }
}

void ReplicaStore::state_refusal(const Operation& operation) {
  std::uint64_t& last = refused_[operation.dot.replica.value()];
  // It comes again and again.
  if (operation.dot.number > last) {
    last = operation.dot.number;
    host_.journal().record(OperationRefused{operation.dot, operation.time.wall - host_.wall_now()});
  }
}

void ReplicaStore::report(ReplicaId from, const Standing& standing) {
  stability_.report(from, standing.seen, standing.clock);
  outbox_.trim(stability_);
}

RepairStep ReplicaStore::next_step(const RepairStep& received) {
  for (const RangeContent& content : received.contents) {
    log_.write({.content = content, .seen = received.seen});
  }
  RepairStep answer = replica::next_step(replica_, host_.wall_now(), received);
  state_progress();
  return answer;
}

void ReplicaStore::complete_repair() {
  if (const std::optional<CausalContext> joined = replica_.complete_repair()) {
    log_.write({.seen = *joined});
    state_progress();
  }
}

void ReplicaStore::collect(std::optional<Duration> kept) {
  const std::size_t count =
      kept ? replica_.collect_before(host_.wall_now() - *kept) : replica_.collect(stability_);
  if (count > 0) {
    host_.journal().record(DeletionsForgotten{count});
  }
}

Standing ReplicaStore::standing() {
  return {replica_.seen(), replica_.stamp(host_.wall_now())};
}

void ReplicaStore::state_progress() {
  std::vector<OperationsSeen> facts;
  for (std::uint32_t i = 0; i < replicas_; ++i) {
    const std::uint64_t prefix = replica_.seen().prefix_of(ReplicaId{i});
    if (prefix > stated_[i]) {
      stated_[i] = prefix;
      facts.push_back({ReplicaId{i}, prefix});
    }
  }
  if (!facts.empty()) {
    when_durable([this, facts = std::move(facts)] {
      for (const OperationsSeen& fact : facts) {
        host_.journal().record(fact);
      }
    });
  }
}

}  // namespace windtunnel::replica
