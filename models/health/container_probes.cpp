#include "models/health/container_probes.hpp"

#include <algorithm>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::health {

ContainerProbes::ContainerProbes(const ContainerProbesOptions& options, Instant container_start) {
  const auto make = [&](ProbeKind kind, const std::optional<KubernetesProbeOptions>& settings) {
    if (settings) {
      probes_[slot_of(kind)].emplace(kind, *settings, container_start, container_start);
    }
  };
  make(ProbeKind::startup, options.startup);
  make(ProbeKind::liveness, options.liveness);
  make(ProbeKind::readiness, options.readiness);
  tell_started();
}

Instant ContainerProbes::next_deadline() const {
  Instant earliest = Instant::max();
  for (const auto& candidate : probes_) {
    if (candidate) {
      earliest = std::min(earliest, candidate->next_deadline());
    }
  }
  return earliest;
}

void ContainerProbes::on_deadline(Instant now) {
  for (const ProbeKind kind : kKinds) {
    if (auto& due = probes_[slot_of(kind)]; due && due->next_deadline() <= now) {
      questions_[slot_of(kind)] = due->on_deadline(now);
    }
  }
}

void ContainerProbes::settle(Instant now, ProbeKind kind, std::uint64_t attempt,
                             ProbeAnswer answer) {
  auto& asked = probes_[slot_of(kind)];
  check(asked.has_value(), "an answer is for a probe that exists");
  const bool decided = asked->settle(now, attempt, answer);
  if (decided && kind == ProbeKind::startup && is_started()) {
    open_gate(now);
  }
}

void ContainerProbes::open_gate(Instant now) {
  tell_started();
  if (auto& readiness = probes_[slot_of(ProbeKind::readiness)]) {
    questions_[slot_of(ProbeKind::readiness)] = readiness->trigger(now);
  }
}

void ContainerProbes::tell_started() {
  for (auto& told : probes_) {
    if (told) {
      told->note_started(is_started());
    }
  }
}

void ContainerProbes::restart(Instant now) {
  for (auto& restarted : probes_) {
    if (restarted) {
      restarted->restart_container(now);
    }
  }
  questions_ = {};
  tell_started();
}

std::optional<ProbeQuestion> ContainerProbes::poll() {
  for (const ProbeKind kind : kKinds) {
    if (auto attempt = std::exchange(questions_[slot_of(kind)], std::nullopt)) {
      return ProbeQuestion{.kind = kind, .attempt = *attempt};
    }
  }
  return std::nullopt;
}

bool ContainerProbes::is_started() const {
  const auto& startup = probe(ProbeKind::startup);
  return !startup || startup->verdict() == ProbeVerdict::success;
}

bool ContainerProbes::is_ready() const {
  const auto& readiness = probe(ProbeKind::readiness);
  return is_started() && (!readiness || readiness->verdict() == ProbeVerdict::success);
}

bool ContainerProbes::wants_restart() const {
  const auto holds = [](const auto& held) { return held && held->is_on_hold(); };
  return holds(probe(ProbeKind::startup)) || holds(probe(ProbeKind::liveness));
}

}  // namespace windtunnel::health
