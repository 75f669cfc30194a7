// The probes of one container together, as the kubelet combines them: startup holds back liveness
// and readiness, a failed startup or liveness probe asks for a restart, and traffic goes where the
// container has started and is ready.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "models/health/kubernetes_probe.hpp"

namespace windtunnel::health {

/// A probe that is absent says what an absent probe says in Kubernetes: started, alive, ready.
struct ContainerProbesOptions {
  std::optional<KubernetesProbeOptions> startup{};
  std::optional<KubernetesProbeOptions> liveness{};
  std::optional<KubernetesProbeOptions> readiness{};
};

/// Ask the container, and report the answer to `settle`.
struct ProbeQuestion {
  ProbeKind kind = ProbeKind::readiness;
  ProbeAttempt attempt;
};

class ContainerProbes {
 public:
  ContainerProbes(const ContainerProbesOptions& options, Instant container_start);

  [[nodiscard]] Instant next_deadline() const;
  /// Does what is due; drain `poll` afterwards.
  void on_deadline(Instant now);
  /// As KubernetesProbe::settle; drain `poll` afterwards: a startup that succeeds asks for
  /// readiness at once instead of at the next tick.
  void settle(Instant now, ProbeKind kind, std::uint64_t attempt, ProbeAnswer answer);
  /// The driver has replaced the container.
  void restart(Instant now);

  [[nodiscard]] std::optional<ProbeQuestion> poll();

  [[nodiscard]] bool is_started() const;
  [[nodiscard]] bool is_ready() const;
  /// Startup or liveness has failed; true until `restart`.
  [[nodiscard]] bool wants_restart() const;

 private:
  static constexpr std::array kKinds{ProbeKind::startup, ProbeKind::liveness, ProbeKind::readiness};

  [[nodiscard]] static std::size_t slot_of(ProbeKind kind) {
    return static_cast<std::size_t>(kind);
  }
  [[nodiscard]] const std::optional<KubernetesProbe>& probe(ProbeKind kind) const {
    return probes_[slot_of(kind)];
  }
  void open_gate(Instant now);
  void tell_started();

  std::array<std::optional<KubernetesProbe>, kKinds.size()> probes_;
  std::array<std::optional<ProbeAttempt>, kKinds.size()> questions_;
};

}  // namespace windtunnel::health
