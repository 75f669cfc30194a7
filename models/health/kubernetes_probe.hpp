// One probe of one container as the kubelet runs it (Kubernetes 1.29,
// pkg/kubelet/prober/worker.go): when to ask, what to believe after which answers, and when to stop
// asking. It sends nothing: its driver carries out the attempts and reports how they ended.
#pragma once

#include <cstdint>
#include <optional>

#include "runtime/instant.hpp"

namespace windtunnel::health {

enum class ProbeKind : std::uint8_t { startup, liveness, readiness };

/// What is believed of the container; `unknown` only of a startup probe before its first verdict.
enum class ProbeVerdict : std::uint8_t { unknown, success, failure };

enum class ProbeAnswer : std::uint8_t { success, failure };

/// Defaults of the Kubernetes API (core/v1 Probe).
struct KubernetesProbeOptions {
  Duration initial_delay{};  ///< Counted from the container's start.
  Duration period = std::chrono::seconds{10};
  Duration timeout = std::chrono::seconds{1};
  std::uint32_t success_threshold = 1;  ///< Must be 1 for startup and liveness.
  std::uint32_t failure_threshold = 3;
};

/// One question under way. An answer that comes later than `deadline` counts for nothing: the
/// attempt has failed by then.
struct ProbeAttempt {
  std::uint64_t number = 0;
  Instant deadline{};
};

/// A worker asks at the ticks of its period, counted from when it was made, never two questions at
/// once: a tick that falls into an attempt waits for its end, further ones are lost.
class KubernetesProbe {
 public:
  /// `first_tick` lets a driver spread workers over their period, as a kubelet does that has just
  /// started. Precondition: not before `container_start`.
  KubernetesProbe(ProbeKind kind, const KubernetesProbeOptions& options, Instant container_start,
                  Instant first_tick);

  /// A tick or the end of an attempt's time.
  [[nodiscard]] Instant next_deadline() const;
  /// Takes what is due; at most one attempt comes out. Does nothing before the deadline.
  [[nodiscard]] std::optional<ProbeAttempt> on_deadline(Instant now);
  /// Asks outside the ticks, which stay where they are: the kubelet does so when a container has
  /// started. Nothing while an attempt is under way, or where a tick would ask nothing either.
  [[nodiscard]] std::optional<ProbeAttempt> trigger(Instant now);

  /// How an attempt ended. Answers to anything but the attempt under way are ignored. True where
  /// the verdict has been given anew, changed or not.
  bool settle(Instant now, std::uint64_t attempt, ProbeAnswer answer);

  /// The container has started, as its startup probe sees it. Until then only that probe asks, and
  /// afterwards it never does.
  void note_started(bool started) { started_ = started; }
  /// A new container: believe and ask as at first, in step with the old ticks.
  void restart_container(Instant now);

  [[nodiscard]] ProbeKind kind() const { return kind_; }
  [[nodiscard]] ProbeVerdict verdict() const { return verdict_; }
  /// After a failed liveness or startup verdict nothing is asked until there is a new container.
  [[nodiscard]] bool is_on_hold() const { return on_hold_; }

 private:
  [[nodiscard]] bool may_ask(Instant now) const;
  [[nodiscard]] ProbeVerdict initial_verdict() const;
  [[nodiscard]] std::optional<ProbeAttempt> ask(Instant now);
  bool count(ProbeAnswer answer);

  ProbeKind kind_;
  KubernetesProbeOptions options_;
  Instant container_start_;
  Instant next_tick_;
  ProbeVerdict verdict_;
  std::optional<ProbeAttempt> under_way_;
  std::uint64_t attempts_ = 0;
  std::optional<ProbeAnswer> last_answer_;
  std::uint32_t run_ = 0;  ///< Equal answers in a row.
  bool started_;
  bool on_hold_ = false;
};

}  // namespace windtunnel::health
