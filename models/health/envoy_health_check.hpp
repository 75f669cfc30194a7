// Active health checking of one host as Envoy does it (main of 2026-02,
// source/extensions/health_checkers/common/health_checker_base_impl.cc): thresholds, six intervals,
// jitter. It sends nothing: its driver carries out the checks. Degraded hosts, connection reuse and
// the exclusion of hosts that wait for their first check are left out.
#pragma once

#include <cstdint>
#include <optional>

#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::health {

/// Envoy requires timeout, interval and both thresholds; the values here are those of its examples.
struct EnvoyHealthCheckOptions {
  Duration timeout = std::chrono::seconds{1};
  Duration interval = std::chrono::seconds{5};
  std::uint32_t unhealthy_threshold = 3;
  std::uint32_t healthy_threshold = 2;

  /// While no request has ever gone to the cluster.
  Duration no_traffic_interval = std::chrono::seconds{60};
  std::optional<Duration> no_traffic_healthy_interval{};  ///< Absent: no_traffic_interval.
  std::optional<Duration> unhealthy_interval{};           ///< Absent: interval.
  std::optional<Duration> unhealthy_edge_interval{};      ///< Absent: unhealthy_interval.
  std::optional<Duration> healthy_edge_interval{};        ///< Absent: interval.

  Duration initial_jitter{};  ///< Before the first check only.
  Duration interval_jitter{};
  std::uint32_t interval_jitter_percent = 0;
};

/// How a check failed. Only failures of the network are counted up to the threshold; an answer that
/// is wrong, and a passive signal (`x-envoy-immediate-health-check-fail`), decide at once.
enum class CheckFailure : std::uint8_t { network, network_timeout, active, passive };

/// Whether an answer that was wrong is counted like a failure of the network (retriable_statuses).
enum class CheckRetry : std::uint8_t { never, counted };

enum class CheckTransition : std::uint8_t { unchanged, change_pending, changed };

/// A check to carry out, and by when; after that it has timed out.
struct HealthCheckAttempt {
  std::uint64_t number = 0;
  Instant deadline{};
};

/// A host starts unhealthy, and its first result decides alone: one success makes it healthy.
class EnvoyHealthCheck {
 public:
  EnvoyHealthCheck(const EnvoyHealthCheckOptions& options, Instant now, RandomStream random);

  /// When the next check starts, or the one under way times out.
  [[nodiscard]] Instant next_deadline() const { return deadline_; }
  /// Does nothing before the deadline.
  [[nodiscard]] std::optional<HealthCheckAttempt> on_deadline(Instant now);

  /// How an attempt ended. Anything but the attempt under way is ignored (`unchanged`).
  CheckTransition succeed(Instant now, std::uint64_t attempt);
  CheckTransition fail(Instant now, std::uint64_t attempt, CheckFailure failure,
                       CheckRetry retry = CheckRetry::never);
  /// The host itself said in a response that it is unhealthy. Moves no timer.
  CheckTransition fail_passively();

  /// From the first request on the cluster's own intervals apply, after the check that is due.
  void note_traffic() { has_traffic_ = true; }

  [[nodiscard]] bool is_healthy() const { return healthy_; }
  [[nodiscard]] std::uint64_t attempts() const { return attempts_; }

 private:
  CheckTransition become_unhealthy(CheckFailure failure, CheckRetry retry);
  [[nodiscard]] bool is_under_way(std::uint64_t attempt) const {
    return under_way_ && attempt == attempts_;
  }
  void rest(Instant now, bool succeeded, CheckTransition transition);
  [[nodiscard]] Duration base_interval(bool succeeded, CheckTransition transition) const;
  [[nodiscard]] Duration with_jitter(Duration base);
  [[nodiscard]] Duration below(Duration bound);

  EnvoyHealthCheckOptions options_;
  RandomStream random_;
  Instant deadline_;
  std::uint64_t attempts_ = 0;
  bool under_way_ = false;
  bool healthy_ = false;
  bool first_result_ = true;
  bool has_traffic_ = false;
  std::uint32_t successes_ = 0;
  std::uint32_t failures_ = 0;
};

}  // namespace windtunnel::health
