#include "chaos/run/replication_collector.hpp"

#include <algorithm>
#include <optional>

#include "chaos/run/host_program.hpp"
#include "models/replica/facts.hpp"
#include "models/replica/node.hpp"
#include "models/replica/workload.hpp"

namespace windtunnel::chaos {

namespace {

/// Absent where it does not run, or has not read its disk yet.
std::optional<HeldRecord> held_by(sim::SimulatedHost& host) {
  const replica::Node* const node = replica_on(host);
  if (node == nullptr || !node->is_ready()) {
    return std::nullopt;
  }
  HeldRecord held;
  held.seen = node->replica().seen();
  for (const auto& [key, write] : node->replica().map().entries()) {
    if (!write.is_tombstone()) {
      held.registers.emplace(key, write.dot);
    }
  }
  for (const auto& [name, additions] : node->replica().set().elements()) {
    held.elements.insert(name);
  }
  return held;
}

std::vector<HeldRecord> held_by_all(sim::World& world, const Plan& plan) {
  std::vector<HeldRecord> all;
  for (const HostId host : plan.replication->on) {
    if (std::optional<HeldRecord> held = held_by(world.host(host))) {
      all.push_back(*std::move(held));
    }
  }
  return all;
}

bool are_equal(const std::vector<HeldRecord>& all) {
  return std::ranges::all_of(all, [&](const HeldRecord& held) {
    return held.seen == all.front().seen && held.registers == all.front().registers &&
           held.elements == all.front().elements;
  });
}

/// Time for every replica to have been compared with every other, twice.
Duration patience_of(const Replication& replication) {
  constexpr Duration kLeast = std::chrono::seconds{10};
  const auto replicas = static_cast<std::int64_t>(replication.on.size());
  return kLeast + 4 * replicas * replication.repair_every.value_or(Duration::zero());
}

}  // namespace

bool ReplicationCollector::observe(const sim::FreshFact& fact, bool is_closed) {
  ReplicationRecord& record = *record_.replication;
  if (fact.is<replica::OperationAccepted>()) {
    accept(fact);
  } else if (fact.is<replica::OperationsSeen>()) {
    if (!is_closed) {
      const auto& seen = fact.as<replica::OperationsSeen>();
      const auto place = std::ranges::find(record.replicas, fact.host) - record.replicas.begin();
      record.progress.push_back({fact.at, replica::ReplicaId{static_cast<std::uint32_t>(place)},
                                 seen.origin, seen.number});
    }
  } else if (fact.is<replica::CallInvoked>()) {
    if (!is_closed) {
      invoke(fact);
    }
  } else if (fact.is<replica::CallEnded>()) {
    end(fact);
  } else if (fact.is<replica::OperationRefused>()) {
    record.refused += is_closed ? 0 : 1;
  } else {
    return false;
  }
  return true;
}

void ReplicationCollector::accept(const sim::FreshFact& fact) {
  const auto& accepted = fact.as<replica::OperationAccepted>();
  // It is stated again after a restart.
  if (accepted_.insert(accepted.dot).second) {
    record_.replication->accepted.push_back({fact.at, accepted.dot, accepted.kind, accepted.key,
                                             accepted.time, accepted.replaced, accepted.is_lost});
  }
}

void ReplicationCollector::invoke(const sim::FreshFact& fact) {
  const auto& invoked = fact.as<replica::CallInvoked>();
  std::vector<ReplicaCallRecord>& calls = record_.replication->calls;
  calls_[{fact.host, {invoked.load, invoked.number}}] = calls.size();
  calls.push_back({fact.host, invoked.kind, invoked.key, fact.at});
}

void ReplicationCollector::end(const sim::FreshFact& fact) {
  const auto& ended = fact.as<replica::CallEnded>();
  const auto place = calls_.find({fact.host, {ended.load, ended.number}});
  if (place != calls_.end()) {
    ReplicaCallRecord& call = record_.replication->calls[place->second];
    call.ended_at = fact.at;
    call.is_answered = ended.is_answered;
    call.dot = ended.dot;
    calls_.erase(place);
  }
}

void hold_up_replicas(sim::World& world, const Plan& plan, RunRecord& record) {
  const TrueInstant give_up = world.now() + patience_of(*plan.replication);
  std::vector<HeldRecord> held;
  do {
    world.run_until(world.now() + std::chrono::milliseconds{500});
    held = held_by_all(world, plan);
  } while (world.now() < give_up && record.breaches.empty() &&
           (held.size() < plan.replication->on.size() || !are_equal(held)));
  if (held.size() == plan.replication->on.size()) {
    record.replication->held = std::move(held);
  }
}

}  // namespace windtunnel::chaos
