// What one run left behind, as typed columns in time order: the input of measures, checks and
// reports. It holds facts only; every number derived from them is computed in measures.hpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "chaos/measure/replication_record.hpp"
#include "runtime/id.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::chaos {

enum class OperationKind : std::uint8_t { write, read };

/// How an operation ended for the client that asked for it. `indeterminate` means the client gave
/// up without knowing whether the operation took effect; `unfinished` means the run ended first.
enum class OperationOutcome : std::uint8_t { ok, failed, indeterminate, unfinished };

/// Where a request would have gone that was sent to nobody.
inline constexpr HostId kNobody{std::numeric_limits<HostId::rep>::max()};

/// As many attempts as a record can count.
[[nodiscard]] inline std::uint16_t countable(std::uint32_t attempts) {
  return static_cast<std::uint16_t>(
      std::min<std::uint32_t>(attempts, std::numeric_limits<std::uint16_t>::max()));
}

/// One client operation, from its invocation to the last answer, retries included. Its number is
/// its place in the record. Kept small: a run may have tens of millions of them.
struct OperationRecord {
  TrueInstant invoked_at;
  TrueInstant ended_at;  ///< End of the run where the outcome is `unfinished`.
  HostId client;
  /// Of a request: the instance that its first attempt went to. Where a retry goes depends on
  /// where the first one went.
  HostId picked = kNobody;
  std::uint32_t policy = 0;    ///< Of a request: revision of the configuration it was made under.
  std::uint16_t attempts = 0;  ///< No more than it can count.
  OperationOutcome outcome = OperationOutcome::unfinished;
  union {
    OperationKind kind = OperationKind::write;  ///< Of an operation on the store.
    std::uint8_t version;  ///< Of a request: a place in ServiceRecord::versions.
  };
};
static_assert(sizeof(OperationRecord) == 32, "two to a cache line");

/// As many versions of a service as a record can tell apart, one of which is none.
inline constexpr std::size_t kVersionsMax = 256;

/// What the clients of one service asked of it, in the order in which they did. A request has no
/// kind, and one that failed is `failed`: a service promises nothing about what it did.
struct ServiceRecord {
  std::string name;
  Duration patience{};  ///< A request that takes longer counts as bad.
  std::vector<OperationRecord> requests;
  std::vector<HostId> instances{};  ///< That can be picked, while they run; ascending.
  std::vector<HostId> callers{};    ///< Hosts whose proxies may call it, ascending.
  /// What its instances call themselves, ascending; 1 where nobody says. The first one is 0: nobody
  /// answered.
  std::vector<std::uint32_t> versions{0, 1};

  /// The version that a request went to, if any.
  [[nodiscard]] std::uint32_t version_of(const OperationRecord& request) const {
    return versions[request.version];
  }
};

/// One strike of one timeline entry (a repeated fault has one record per strike).
struct FaultRecord {
  std::string id;    ///< The timeline entry's id.
  std::string kind;  ///< "crash", "partition", ...
  std::vector<HostId> targets;
  std::string
      detail;  ///< For people: what was struck and how, for instance "crash cp-b (leader, term 3)".
  TrueInstant injected_at;
  std::optional<TrueInstant> effective_at;  ///< First message or operation actually touched.
  std::optional<TrueInstant> ended_at;      ///< Heal or restart; absent while the fault lasts.
  std::uint64_t touched = 0;  ///< Messages, operations and processes this strike altered.
};

/// Whether the targets of a strike suffer from it. Those of a load are its clients, who have more
/// to do and nothing else; decisions have none.
[[nodiscard]] inline bool hits_its_targets(const FaultRecord& strike) {
  return strike.kind != "load" && strike.kind != "policy" && strike.kind != "canary" &&
         strike.kind != "split" && strike.kind != "rotate_root" && strike.kind != "bundle";
}

/// A host began to campaign (a real or a pre-vote candidacy) because its election timeout fired.
struct CandidacyRecord {
  TrueInstant at;
  HostId host;
  std::uint64_t term = 0;
  bool pre_vote = false;
};

struct LeaderRecord {
  TrueInstant at;
  HostId host;
  std::uint64_t term = 0;
};

/// A leader advanced its commit index; one record per advance, on the leader only.
struct CommitRecord {
  TrueInstant at;
  HostId host;
  std::uint64_t term = 0;
  std::uint64_t index = 0;
};

/// One change of policy that the timeline asked for.
struct PolicyChangeRecord {
  std::string id;  ///< The timeline entry's.
  TrueInstant asked_at;
  std::optional<TrueInstant> committed_at;  ///< When the writer was told of the last document.
  std::uint64_t revision = 0;               ///< Of that document.
  /// The proxies that it concerns, ascending; absent: all.
  std::optional<std::vector<HostId>> proxies{};
  std::vector<std::string> callees{};   ///< Whose routes change; none: any.
  std::optional<std::string> denied{};  ///< Why the gate did not let it through.
};

/// A control-plane node pushes this version from now on.
struct PolicySettledRecord {
  TrueInstant at;
  HostId node;
  std::uint64_t revision = 0;
};

/// A control-plane node sent a proxy what leads to this version.
struct PushRecord {
  TrueInstant at;
  HostId node;
  HostId proxy;
  std::uint64_t revision = 0;
  std::uint64_t bytes = 0;  ///< Of the encoded update.
};

/// A version has come to a proxy, which takes some time to put it into effect.
struct PolicyReceivedRecord {
  TrueInstant at;
  HostId proxy;
  std::uint64_t revision = 0;
};

/// A proxy enforces this version from now on.
struct PolicyAppliedRecord {
  TrueInstant at;
  HostId proxy;
  std::uint64_t revision = 0;
};

/// The store has an instance of a service, or has it no longer, as its first node learned.
struct EndpointChangeRecord {
  TrueInstant at;
  HostId host;
  std::string service;
  std::uint64_t revision = 0;
  bool is_removed = false;
};

/// An instance was told that it is registered.
struct EnrolmentRecord {
  TrueInstant at;
  HostId host;
};

/// A version that the timeline asked to bring out.
struct RolloutAskedRecord {
  std::string id;  ///< The timeline entry's.
  std::string service;
  std::uint32_t version = 0;
  TrueInstant asked_at;
  std::optional<TrueInstant> committed_at;
  std::optional<std::string> denied{};  ///< Why the gate did not let it through.
};

enum class RolloutOutcome : std::uint8_t { progressing, promoted, aborted, paused };

/// A controller states that a rollout stands so in the store.
struct RolloutMoveRecord {
  TrueInstant at;
  std::string service;
  std::uint32_t version = 0;
  RolloutOutcome outcome = RolloutOutcome::progressing;
  double weight = 0;  ///< The version's share.
  std::string cause;
};

/// A gate was asked whether a change may be made.
struct GateDecisionRecord {
  TrueInstant at;
  HostId host;
  std::string subject;  ///< The timeline entry's id.
  bool is_allowed = false;
  std::string reason;          ///< Why not.
  std::uint64_t revision = 0;  ///< Of the bundle; 0: there was none.
  Duration age{};              ///< Since the gate last knew that it was the present one.
};

/// A gate goes by another bundle from now on, or refused it.
struct GateBundleRecord {
  TrueInstant at;
  HostId host;
  std::uint64_t revision = 0;
  bool is_refused = false;
  std::string reason;
};

/// A proxy has another certificate, or the one that it has has run out, by its own clock.
struct CertificateRecord {
  TrueInstant at;
  HostId host;
  std::uint64_t issuer = 0;  ///< Key of the root; 0 where it has run out.
  std::uint64_t serial = 0;
  bool has_expired = false;
};

/// A handshake that was answered.
struct HandshakeRecord {
  TrueInstant at;
  HostId client;
  HostId server;
  std::string cause;  ///< Whose certificate was refused and why; empty where none was.
};

/// A rotation of the root that the timeline asked for.
struct RotationAskedRecord {
  std::string id;                  ///< The timeline entry's.
  std::vector<std::string> steps;  ///< In their order.
  TrueInstant asked_at;
  std::optional<std::uint64_t> new_root{};  ///< Its key, once the rotation is committed.
};

/// So many of a rotation's steps are done, and followed by all where that was asked for.
struct RotationMoveRecord {
  TrueInstant at;
  std::uint64_t new_root = 0;
  std::uint32_t finished = 0;
};

enum class ProxyChange : std::uint8_t {
  breaker,
  ejected,
  ejection_prevented,
  returned,
  failed_checks,
  passed_checks,
  quota,
};

/// A proxy thinks differently of a service that it calls, or of one of its instances.
struct ProxyChangeRecord {
  TrueInstant at;
  HostId proxy;
  ProxyChange what = ProxyChange::breaker;
  std::string callee;
  HostId endpoint = kNobody;  ///< Where it is about one.
  std::string state;          ///< "open", "ejected", "healthy": from now on.
  std::string cause;
};

/// A member of a gossiping group found another dead, or alive again.
struct MembershipRecord {
  TrueInstant at;
  HostId observer;
  HostId member;
  bool is_alive = false;
};

/// A host holds a virtual address from now on, or no longer.
struct AddressRecord {
  TrueInstant at;
  HostId host;
  std::string address;
  bool is_held = false;
};

/// A breach of an invariant, found while the run went on; the run ended at it.
struct BreachRecord {
  TrueInstant at;
  HostId host;
  std::string invariant;  ///< "raft.election_safety", ...
  std::string what;
};

/// The outcome of the final reads after quiescence.
struct FinalReadsRecord {
  bool completed = false;     ///< False: the final reads did not succeed, so loss is unknown.
  std::string why_not;        ///< Set where not completed.
  std::uint64_t acked = 0;    ///< Acknowledged writes looked for.
  std::uint64_t visible = 0;  ///< Of those, found.
  std::uint64_t indeterminate = 0;
  std::uint64_t indeterminate_visible = 0;
  std::vector<TrueInstant> lost_acked_at;  ///< When each lost write was acknowledged, ascending.
};

/// Everything one run left behind.
struct RunRecord {
  std::string scenario;
  std::uint64_t seed = 0;
  std::string digest;  ///< 32 hexadecimal digits.
  Duration length{};   ///< Virtual time that the scenario asked for.
  TrueInstant ended_at;
  std::vector<std::string> host_names;      ///< Indexed by HostId.
  std::vector<OperationRecord> operations;  ///< On the control plane's store.
  std::vector<ServiceRecord> services;
  std::vector<FaultRecord> faults;
  std::vector<CandidacyRecord> candidacies;
  std::vector<LeaderRecord> leaders;
  std::vector<CommitRecord> commits;
  std::uint64_t proxies = 0;  ///< That the plan has.
  std::vector<PolicyChangeRecord> policy_changes;
  std::vector<PolicySettledRecord> policies_settled;
  std::vector<PushRecord> pushes;
  std::vector<PolicyReceivedRecord> policies_received;  ///< Where a document costs nothing: empty.
  std::vector<PolicyAppliedRecord> policies_applied;
  std::vector<EndpointChangeRecord> endpoint_changes;  ///< By revision.
  std::vector<EnrolmentRecord> enrolments;
  std::vector<RolloutAskedRecord> rollouts;
  std::vector<RolloutMoveRecord> rollout_moves;
  std::vector<ProxyChangeRecord> proxy_changes;
  std::vector<HostId> gossip_members{};        ///< Ascending; none where nobody gossips.
  std::vector<MembershipRecord> membership{};  ///< By time.
  std::vector<AddressRecord> addresses{};      ///< By time.
  std::vector<CertificateRecord> certificates;
  std::vector<HandshakeRecord> handshakes;
  std::vector<RotationAskedRecord> rotations;
  std::vector<RotationMoveRecord> rotation_moves;
  std::vector<GateDecisionRecord> gate_decisions;
  std::vector<GateBundleRecord> gate_bundles;
  std::vector<BreachRecord> breaches;
  std::vector<std::string>
      missed_gates;  ///< Gates not met before the first fault; the faults were not injected.
  FinalReadsRecord final_reads;
  std::optional<ReplicationRecord> replication;  ///< Where the plan has replicas.
  std::uint64_t messages = 0;
  std::uint64_t events = 0;
  double wall_seconds = 0;
};

}  // namespace windtunnel::chaos
