#include "chaos/run/fact_collector.hpp"

#include "chaos/run/gate_facts.hpp"
#include "chaos/run/identity_facts.hpp"
#include "chaos/run/proxy_facts.hpp"
#include "models/config/facts.hpp"
#include "models/kv/workload.hpp"
#include "models/proxy/endpoint_documents.hpp"
#include "models/raft/facts.hpp"
#include "models/registry/facts.hpp"
#include "models/rollout/facts.hpp"

namespace windtunnel::chaos {

namespace {

OperationOutcome outcome_of(kv::Outcome outcome) {
  switch (outcome) {
    case kv::Outcome::ok:
      return OperationOutcome::ok;
    case kv::Outcome::failed:
      return OperationOutcome::failed;
    case kv::Outcome::indeterminate:
      return OperationOutcome::indeterminate;
  }
  return OperationOutcome::indeterminate;
}

RolloutOutcome outcome_of(rollout::Phase phase) {
  switch (phase) {
    case rollout::Phase::progressing:
      return RolloutOutcome::progressing;
    case rollout::Phase::promoted:
      return RolloutOutcome::promoted;
    case rollout::Phase::aborted:
      return RolloutOutcome::aborted;
    case rollout::Phase::paused:
      return RolloutOutcome::paused;
  }
  return RolloutOutcome::progressing;
}

}  // namespace

FactCollector::FactCollector(sim::World& world, RunRecord& record)
    : world_(world), record_(record), replication_(record) {
  for (std::uint32_t i = 0; i < world.host_count(); ++i) {
    hosts_.emplace(world.host(HostId{i}).name(), HostId{i});
  }
  world.facts().observe([this](const sim::FreshFact& fact) { observe(fact); });
}

void FactCollector::observe(const sim::FreshFact& fact) {
  if (record_.replication && replication_.observe(fact, is_closed_)) {
    return;
  }
  if (!observe_raft(fact) && !observe_policy(fact) && !observe_registry(fact) &&
      !observe_rollout(fact) && !observe_operation(fact) && !is_closed_) {
    record_proxy_fact(fact, record_);
    record_identity_fact(fact, record_);
    record_gate_fact(fact, record_);
  }
}

bool FactCollector::observe_operation(const sim::FreshFact& fact) {
  if (fact.is<kv::OperationInvoked>()) {
    if (is_closed_) {
      return true;
    }
    const auto& invoked = fact.as<kv::OperationInvoked>();
    auto& of_load = operations_of_load_[{fact.host, invoked.load}];
    of_load.push_back(record_.operations.size());
    OperationRecord operation;
    operation.client = fact.host;
    operation.kind =
        invoked.kind == kv::OperationKind::write ? OperationKind::write : OperationKind::read;
    operation.invoked_at = fact.at;
    if (operation.kind == OperationKind::write) {
      writes_.push_back({fact.host, invoked.load, invoked.number, record_.operations.size()});
    }
    record_.operations.push_back(operation);
  } else if (fact.is<kv::OperationEnded>()) {
    const auto& ended = fact.as<kv::OperationEnded>();
    const auto of_load = operations_of_load_.find({fact.host, ended.load});
    if (of_load == operations_of_load_.end() || ended.number >= of_load->second.size()) {
      return true;  // Of a client that was restarted by a fault after the run proper.
    }
    OperationRecord& operation = record_.operations[of_load->second[ended.number]];
    operation.ended_at = fact.at;
    operation.outcome = outcome_of(ended.outcome);
    operation.attempts = countable(ended.attempts);
  } else {
    return false;
  }
  return true;
}

template <typename T>
bool FactCollector::check_invariants(const sim::FreshFact& fact) {
  if (!fact.is<T>()) {
    return false;
  }
  if (const auto breach = invariants_.observe(fact.host, raft::Fact{fact.as<T>()});
      breach && record_.breaches.empty()) {
    record_.breaches.push_back({fact.at, breach->host, breach->invariant, breach->what});
    world_.scheduler().stop();
  }
  return true;
}

bool FactCollector::observe_rollout(const sim::FreshFact& fact) {
  if (!fact.is<rollout::RolloutMoved>()) {
    return false;
  }
  const auto& moved = fact.as<rollout::RolloutMoved>();
  record_.rollout_moves.push_back({fact.at, moved.service, moved.version, outcome_of(moved.phase),
                                   static_cast<double>(moved.weight) / proxy::kWholeInParts,
                                   moved.cause});
  return true;
}

bool FactCollector::observe_policy(const sim::FreshFact& fact) {
  if (fact.is<config::ConfigSettled>()) {
    const auto& settled = fact.as<config::ConfigSettled>();
    record_.policies_settled.push_back({fact.at, fact.host, settled.revision});
  } else if (fact.is<config::ConfigReceived>()) {
    const auto& received = fact.as<config::ConfigReceived>();
    record_.policies_received.push_back({fact.at, fact.host, received.revision});
  } else if (fact.is<config::ConfigApplied>()) {
    const auto& applied = fact.as<config::ConfigApplied>();
    record_.policies_applied.push_back({fact.at, fact.host, applied.revision});
  } else {
    return false;
  }
  return true;
}

bool FactCollector::observe_registry(const sim::FreshFact& fact) {
  if (fact.is<registry::InstanceRegistered>()) {
    record_.enrolments.push_back({fact.at, fact.host});
  } else if (fact.is<config::ConfigFed>()) {
    const auto& fed = fact.as<config::ConfigFed>();
    const auto name = proxy::endpoint_name_of(fed.name);
    // Every node states it, and one that restarts states it again.
    if (name && fed_.emplace(fed.revision, fed.name).second) {
      record_.endpoint_changes.push_back({fact.at, hosts_.find(name->instance)->second,
                                          std::string{name->service}, fed.revision, fed.removed});
    }
  } else {
    return false;
  }
  return true;
}

bool FactCollector::observe_raft(const sim::FreshFact& fact) {
  if (check_invariants<raft::EntryApplied>(fact) || check_invariants<raft::VoteGranted>(fact) ||
      check_invariants<raft::SteppedDown>(fact) || check_invariants<raft::Restarted>(fact)) {
    return true;
  }
  if (check_invariants<raft::CommitAdvanced>(fact)) {
    if (!is_closed_) {
      const auto& commit = fact.as<raft::CommitAdvanced>();
      record_.commits.push_back({fact.at, fact.host, commit.term.value(), commit.index.value()});
    }
  } else if (check_invariants<raft::CandidacyStarted>(fact)) {
    if (!is_closed_) {
      const auto& candidacy = fact.as<raft::CandidacyStarted>();
      record_.candidacies.push_back(
          {fact.at, fact.host, candidacy.term.value(), candidacy.pre_vote});
    }
  } else if (check_invariants<raft::LeaderElected>(fact)) {
    if (!is_closed_) {
      record_.leaders.push_back({fact.at, fact.host, fact.as<raft::LeaderElected>().term.value()});
    }
  } else {
    return false;
  }
  return true;
}

}  // namespace windtunnel::chaos
