// What replicas and their clients left behind in one run: the operations that were accepted, how
// far each replica had come when, what clients were told, and what every replica held in the end.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "models/replica/call_kind.hpp"
#include "models/replica/causal_context.hpp"
#include "models/replica/operation.hpp"
#include "runtime/id.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::chaos {

/// An operation without its value, as it was stated where it was accepted.
struct AcceptedRecord {
  TrueInstant at;
  replica::Dot dot;
  replica::OperationKind kind = replica::OperationKind::put;
  std::string key;
  replica::HybridTime time;
  std::vector<replica::Dot> replaced;
  bool is_lost = false;  ///< At once, to what its replica had seen.
};

/// A replica had seen all operations of `origin` up to this number.
struct ProgressRecord {
  TrueInstant at;
  replica::ReplicaId replica{};
  replica::ReplicaId origin{};
  std::uint64_t number = 0;
};

struct ReplicaCallRecord {
  HostId client;
  replica::CallKind kind = replica::CallKind::put;
  std::string key;
  TrueInstant invoked_at;
  std::optional<TrueInstant> ended_at{};  ///< Absent: the run ended first.
  bool is_answered = false;
  std::optional<replica::Dot> dot{};  ///< Of the operation, or of the write that was read.
};

/// What one replica held when all was quiet. Deletions that it remembered are not in it.
struct HeldRecord {
  replica::CausalContext seen;
  std::map<std::string, replica::Dot> registers;
  std::set<std::string> elements;
};

struct ReplicationRecord {
  std::vector<HostId> replicas;  ///< By ReplicaId.
  std::vector<AcceptedRecord> accepted;
  std::vector<ProgressRecord> progress;
  std::vector<ReplicaCallRecord> calls;
  std::uint64_t refused = 0;     ///< Operations, by replicas whose clocks were too far behind.
  std::vector<HeldRecord> held;  ///< By ReplicaId; empty where not looked at.
};

/// The record as it stood at `at`.
[[nodiscard]] ReplicationRecord as_it_stood(const ReplicationRecord& record, TrueInstant at);

}  // namespace windtunnel::chaos
