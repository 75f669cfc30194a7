// A plan: one run with everything decided. Hosts are numbered, defaults filled in, times absolute,
// ranges drawn. Values only: it holds no way to run. plan_json writes it as a scenario that loads
// to an equal plan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chaos/judge/expectation.hpp"
#include "chaos/measure/recovery_options.hpp"
#include "chaos/scenario/host_directory.hpp"
#include "chaos/scenario/quantity.hpp"
#include "chaos/scenario/timeline.hpp"
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

struct ControlPlane {
  std::vector<HostId> members;  ///< Ascending, never empty.
  RaftSettings raft;
  friend bool operator==(const ControlPlane&, const ControlPlane&) = default;
};

enum class Arrivals : std::uint8_t { poisson, constant };

struct RetrySettings {
  std::optional<std::uint32_t>
      attempts;  ///< The first one included. Absent: as many as the deadline allows.
  Duration backoff =
      std::chrono::milliseconds{10};  ///< Before the second attempt; doubles from there ...
  Duration backoff_max = std::chrono::milliseconds{200};  ///< ... up to this.
  friend bool operator==(const RetrySettings&, const RetrySettings&) = default;
};

/// One stream of operations on the control plane, open loop: arrivals do not wait for answers.
struct Load {
  std::vector<HostId> from;  ///< The client hosts, ascending; `rate` is the sum over all of them.
  Rate rate;
  Arrivals arrivals = Arrivals::poisson;
  Probability reads;  ///< Share of reads; the others are writes.
  ByteCount value_size{64};
  Duration timeout = std::chrono::milliseconds{300};  ///< Per attempt.
  Duration deadline = std::chrono::seconds{2};  ///< Per operation, attempts and pauses included.
  RetrySettings retry;
  friend bool operator==(const Load&, const Load&) = default;
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
  std::vector<Load> loads;
  std::vector<TimelineEntry> timeline;  ///< In the order of the file, not of time.
  std::vector<Expectation> expectations;
  RecoveryOptions recovery;
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
