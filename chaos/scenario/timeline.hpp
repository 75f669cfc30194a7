// Faults and when they strike. A timeline entry is one fault; it may strike several times, and its
// strikes share one id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "chaos/scenario/load.hpp"
#include "chaos/scenario/target.hpp"
#include "models/gate/bundle.hpp"
#include "models/identity/rotation.hpp"
#include "models/proxy/route_policy.hpp"
#include "models/proxy/traffic_split.hpp"
#include "models/rollout/rollout_spec.hpp"
#include "runtime/distribution.hpp"
#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::chaos {

/// The processes die and lose all memory; the hosts stay and refuse connections. Restarts begin
/// from the disk.
struct Crash {
  Target on;
  std::optional<Duration> restart_after;  ///< Absent: they stay down.
  friend bool operator==(const Crash&, const Crash&) = default;
};

/// The hosts lose power: silence for their peers, and what was not synced is lost.
struct HostLoss {
  Target on;
  std::optional<Duration> restart_after;
  friend bool operator==(const HostLoss&, const HostLoss&) = default;
};

/// The processes stand still while their clocks run on; their kernels still acknowledge.
struct Pause {
  Target on;
  friend bool operator==(const Pause&, const Pause&) = default;
};

/// What a cut connection does with a message: swallow it, or answer with a reset.
enum class CutMode : std::uint8_t { drop, reject };

/// Whether a fault on a link works both ways or only from the first side to the second.
enum class Direction : std::uint8_t { both_ways, one_way };

/// No messages between hosts of different groups. A single group stands against all other hosts.
/// One-way: only messages from the first group to the others are cut. Hosts in no group are not
/// touched.
struct Partition {
  std::vector<Target> groups;
  CutMode mode = CutMode::drop;
  Direction direction = Direction::both_ways;
  friend bool operator==(const Partition&, const Partition&) = default;
};

/// The links between the hosts of `from` and those of `to`. Without `to`: all links of `from`.
/// One-way: only the direction out of `from`.
struct LinkSet {
  Target from;
  std::optional<Target> to;
  Direction direction = Direction::both_ways;
  friend bool operator==(const LinkSet&, const LinkSet&) = default;
};

/// Messages on the links take this much longer.
struct Delay {
  LinkSet links;
  DurationDistribution extra;
  friend bool operator==(const Delay&, const Delay&) = default;
};

/// Messages on the links are lost with this probability.
struct Loss {
  LinkSet links;
  Probability probability;
  friend bool operator==(const Loss&, const Loss&) = default;
};

/// Not a fault but a decision: the control plane is given these policies, which replace those of
/// the same routes.
struct PolicyChange {
  std::vector<proxy::RoutePolicy> policies;
  friend bool operator==(const PolicyChange&, const PolicyChange&) = default;
};

/// Not a fault either: the control plane is asked to bring a version out, step by step.
struct Canary {
  rollout::RolloutSpec spec;
  friend bool operator==(const Canary&, const Canary&) = default;
};

/// Not a fault but more to do: a further load on a service, for as long as it lasts. On a host that
/// is restarted meanwhile it is over.
struct Surge {
  Load load;
  friend bool operator==(const Surge&, const Surge&) = default;
};

/// Another decision: the control plane is given these splits of requests among versions, as they
/// are from then on.
struct SplitChange {
  std::vector<proxy::TrafficSplit> splits;
  friend bool operator==(const SplitChange&, const SplitChange&) = default;
};

/// And another: the control plane is asked for a new root that signs all certificates.
struct RotateRoot {
  identity::RotationSpec spec;
  friend bool operator==(const RotateRoot&, const RotateRoot&) = default;
};

/// The gate is to go by another bundle; absent: by something that is none.
struct BundleChange {
  std::optional<gate::Bundle> bundle;
  friend bool operator==(const BundleChange&, const BundleChange&) = default;
};

using Fault = std::variant<Crash, HostLoss, Pause, Partition, Delay, Loss, PolicyChange, Canary,
                           Surge, SplitChange, RotateRoot, BundleChange>;

/// The scenario's word for it: "crash", "host_loss", ...
[[nodiscard]] std::string_view fault_kind(const Fault& fault);

/// One line for people: "crash leader, restart after 10s".
[[nodiscard]] std::string fault_text(const Fault& fault);

struct TimelineEntry {
  std::string id;  ///< Unique; made from the kind where the scenario gives none.
  TrueInstant at;
  std::optional<Duration>
      lasts;         ///< Absent: until the end of the run, or not applicable (crashes).
  Duration every{};  ///< Between two strikes; zero where there is only one.
  std::uint32_t times = 1;
  Fault fault;
  gate::Document review{};  ///< What the gate is told beside the change itself.
  friend bool operator==(const TimelineEntry&, const TimelineEntry&) = default;
};

/// When the entry strikes, ascending.
[[nodiscard]] std::vector<TrueInstant> strikes_of(const TimelineEntry& entry);

}  // namespace windtunnel::chaos
