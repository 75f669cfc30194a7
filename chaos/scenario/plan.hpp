// A plan: one run with everything decided. Hosts are numbered, defaults filled in, times absolute,
// ranges drawn. Values only: it holds no way to run. plan_json writes it as a scenario that loads
// to an equal plan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chaos/judge/expectation.hpp"
#include "chaos/measure/recovery_options.hpp"
#include "chaos/scenario/gate_settings.hpp"
#include "chaos/scenario/gossip_settings.hpp"
#include "chaos/scenario/host_directory.hpp"
#include "chaos/scenario/identity_settings.hpp"
#include "chaos/scenario/load.hpp"
#include "chaos/scenario/quantity.hpp"
#include "chaos/scenario/replication.hpp"
#include "chaos/scenario/timeline.hpp"
#include "chaos/scenario/virtual_address_settings.hpp"
#include "models/config/push_mode.hpp"
#include "models/proxy/route_policy.hpp"
#include "models/proxy/traffic_split.hpp"
#include "models/service/node.hpp"
#include "runtime/distribution.hpp"
#include "runtime/id.hpp"
#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::chaos {

struct PlannedZone {
  std::string name;
  std::string region;
  friend bool operator==(const PlannedZone&, const PlannedZone&) = default;
};

/// How a host's clocks differ from true time.
struct ClockSettings {
  Duration offset{};  ///< Of the wall clock when the run begins.
  Drift drift;        ///< Of all its clocks.
  friend bool operator==(const ClockSettings&, const ClockSettings&) = default;
};

/// A host; its HostId is its position in Plan::hosts.
struct PlannedHost {
  std::string name;
  std::string zone;
  std::string region;
  std::uint32_t cores = 1;
  Duration message_cost{};  ///< Work that one handled message costs one core; zero is free.
  ClockSettings clock;
  friend bool operator==(const PlannedHost&, const PlannedHost&) = default;
};

/// One class of links.
struct LinkSettings {
  DurationDistribution latency;        ///< One way.
  std::optional<Bandwidth> bandwidth;  ///< Absent: unlimited.
  Probability loss;
  friend bool operator==(const LinkSettings&, const LinkSettings&) = default;
};

struct Network {
  DurationDistribution loopback = Constant{std::chrono::microseconds{10}};  ///< Within one host.
  LinkSettings zone{Constant{std::chrono::microseconds{250}}, {}, {}};      ///< Within one zone.
  LinkSettings region{
      Constant{std::chrono::milliseconds{1}}, {}, {}};  ///< Between zones of a region.
  LinkSettings wan{Constant{std::chrono::milliseconds{35}}, {}, {}};  ///< Between regions.
  friend bool operator==(const Network&, const Network&) = default;
};

struct RaftSettings {
  Duration tick = std::chrono::milliseconds{100};
  std::uint32_t heartbeat_ticks = 1;
  std::uint32_t election_ticks = 10;
  bool pre_vote = true;
  bool check_quorum = true;
  DurationDistribution fsync =
      Lognormal{std::chrono::milliseconds{1}, std::chrono::milliseconds{8}};
  std::uint32_t max_entries_per_append = 256;
  ByteCount max_bytes_per_append{1U << 20U};
  friend bool operator==(const RaftSettings&, const RaftSettings&) = default;
};

/// How new configuration reaches the proxies.
struct ConfigSettings {
  config::PushMode push = config::PushMode::delta;
  Duration debounce = std::chrono::milliseconds{100};  ///< Of quiet, before a change is pushed.
  std::uint32_t concurrency = 25;                      ///< Pushes under way at once, by node.
  Duration document_cost{};  ///< Of each document of a push, until a proxy has it in effect.
  friend bool operator==(const ConfigSettings&, const ConfigSettings&) = default;
};

/// How instances of services say that they are there.
struct RegistrySettings {
  Duration heartbeat = std::chrono::seconds{10};
  std::uint32_t expire_after = 3;  ///< Heartbeats missed until an instance is gone.
  /// Whether none is taken to be gone while very many seem to be at once.
  bool self_preservation = false;
  friend bool operator==(const RegistrySettings&, const RegistrySettings&) = default;
};

struct ControlPlane {
  std::vector<HostId> members;  ///< Ascending, never empty.
  RaftSettings raft;
  ConfigSettings config;
  std::optional<RegistrySettings> registry;    ///< Absent: proxies know all instances for ever.
  std::optional<IdentitySettings> identity{};  ///< Absent: nobody signs certificates.
  std::optional<GateSettings> gate{};          ///< Absent: every change is made.
  friend bool operator==(const ControlPlane&, const ControlPlane&) = default;
};

/// In which order waiting requests are served, and which of them are given up.
enum class QueueOrder : std::uint8_t { fifo, lifo, codel, adaptive_lifo };

/// A call that a service makes for each request.
struct PlannedCall {
  std::string to;
  Duration timeout = Duration::max();  ///< Beside those of the policy.
  service::Need need = service::Need::required;
  friend bool operator==(const PlannedCall&, const PlannedCall&) = default;
};

/// One version of a service: which instances have it, and how it differs.
struct PlannedVersion {
  std::uint32_t version = 1;
  std::vector<HostId> on;  ///< Ascending; a part of the service's.
  DurationDistribution service_time = Constant{std::chrono::milliseconds{5}};
  Probability errors;  ///< Of a request failing after the work was done.
  friend bool operator==(const PlannedVersion&, const PlannedVersion&) = default;
};

/// A value of a label, and the instances that have it.
struct PlannedLabel {
  std::string name;
  std::string value;
  std::vector<HostId> on;  ///< Ascending; a part of the service's.
  friend bool operator==(const PlannedLabel&, const PlannedLabel&) = default;
};

/// A service: as many instances as hosts, each a queueing station behind its sidecar.
struct PlannedService {
  std::string name;
  std::vector<HostId> on;  ///< Ascending, never empty.
  std::uint32_t workers = 1;
  DurationDistribution service_time = Constant{std::chrono::milliseconds{5}};
  std::uint32_t queue = 1000;  ///< Requests that may wait at one instance.
  QueueOrder order = QueueOrder::fifo;
  /// Whether a request whose caller's deadline has passed is still worked on.
  bool drops_expired = true;
  std::vector<PlannedCall> calls;
  service::FanOut fan_out = service::FanOut::sequential;
  service::Deadlines deadlines = service::Deadlines::propagate;
  /// Whether a worker is busy while the request that it served waits for calls.
  service::WorkerHold worker = service::WorkerHold::until_served;
  std::uint32_t priorities = 1;  ///< Levels of the queue, by business priority.
  Probability errors;            ///< Share of the requests that fail once they were worked on.
  service::SpeedPermille speed = service::kFullSpeed;
  service::WarmUp warm_up;
  std::optional<service::Pauses> pauses;
  std::optional<service::DagorOptions> admission;
  std::optional<Duration> pushback;            ///< What whoever is turned away is told to wait.
  std::vector<PlannedVersion> versions;        ///< Ascending; none: nobody tells instances apart.
  std::optional<proxy::TrafficSplit> split{};  ///< When the run begins; where there are versions.
  std::vector<PlannedLabel> labels{};          ///< Those of one name stand together.
  std::optional<VirtualAddressSettings> virtual_address{};
  friend bool operator==(const PlannedService&, const PlannedService&) = default;
};

struct Plan {
  std::string name;
  std::string about;
  std::uint64_t seed = 1;
  Duration duration{};
  bool encode_messages = false;  ///< Messages travel as frames of bytes instead of typed values.
  std::vector<PlannedZone> zones;
  std::vector<PlannedHost> hosts;
  Network network;
  ControlPlane control_plane;
  std::optional<GossipSettings> gossip;  ///< Of hosts that run or call services. Absent: none.
  std::vector<PlannedService> services;
  std::vector<proxy::RoutePolicy> policies;
  std::vector<Load> loads;
  std::vector<TimelineEntry> timeline;  ///< In the order of the file, not of time.
  std::vector<Expectation> expectations;
  RecoveryOptions recovery;
  std::optional<Replication> replication;
  friend bool operator==(const Plan&, const Plan&) = default;
};

/// The plan's hosts and control plane, as targets look them up.
[[nodiscard]] HostDirectory directory_of(const Plan& plan);

/// A scenario file that says exactly this run: load_scenario and make_plan with the same seed give
/// an equal plan.
[[nodiscard]] std::string plan_json(const Plan& plan);

/// The plan for people: hosts, control plane, load, timeline, expectations. Lines end with '\n'.
[[nodiscard]] std::string plan_text(const Plan& plan);

}  // namespace windtunnel::chaos
