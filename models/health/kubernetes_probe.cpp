#include "models/health/kubernetes_probe.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::health {

KubernetesProbe::KubernetesProbe(ProbeKind kind, const KubernetesProbeOptions& options,
                                 Instant container_start, Instant first_tick)
    : kind_(kind),
      options_(options),
      container_start_(container_start),
      next_tick_(first_tick),
      verdict_(initial_verdict()),
      started_(kind != ProbeKind::startup) {
  check(options.period > Duration::zero() && options.timeout > Duration::zero(),
        "a probe has a period and a timeout");
  check(options.success_threshold > 0 && options.failure_threshold > 0, "thresholds count from 1");
  check(options.success_threshold == 1 || kind == ProbeKind::readiness,
        "one success is enough for startup and liveness");
  check(first_tick >= container_start, "a container is probed after its start");
}

ProbeVerdict KubernetesProbe::initial_verdict() const {
  switch (kind_) {
    case ProbeKind::startup:
      return ProbeVerdict::unknown;
    case ProbeKind::liveness:
      return ProbeVerdict::success;
    case ProbeKind::readiness:
      return ProbeVerdict::failure;
  }
  return ProbeVerdict::unknown;
}

Instant KubernetesProbe::next_deadline() const {
  return under_way_ ? under_way_->deadline : next_tick_;
}

std::optional<ProbeAttempt> KubernetesProbe::on_deadline(Instant now) {
  if (under_way_) {
    if (now < under_way_->deadline) {
      return std::nullopt;
    }
    under_way_.reset();
    count(ProbeAnswer::failure);
  }
  if (now < next_tick_) {
    return std::nullopt;
  }
  const std::int64_t ticks = (now - next_tick_) / options_.period + 1;
  next_tick_ += ticks * options_.period;
  return ask(now);
}

std::optional<ProbeAttempt> KubernetesProbe::trigger(Instant now) {
  return under_way_ ? std::nullopt : ask(now);
}

std::optional<ProbeAttempt> KubernetesProbe::ask(Instant now) {
  if (!may_ask(now)) {
    return std::nullopt;
  }
  under_way_ = ProbeAttempt{.number = ++attempts_, .deadline = now + options_.timeout};
  return under_way_;
}

bool KubernetesProbe::may_ask(Instant now) const {
  const bool is_startup = kind_ == ProbeKind::startup;
  return !on_hold_ && now - container_start_ >= options_.initial_delay && started_ != is_startup;
}

bool KubernetesProbe::settle(Instant now, std::uint64_t attempt, ProbeAnswer answer) {
  if (!under_way_ || under_way_->number != attempt || now > under_way_->deadline) {
    return false;
  }
  under_way_.reset();
  return count(answer);
}

bool KubernetesProbe::count(ProbeAnswer answer) {
  run_ = last_answer_ == answer ? run_ + 1 : 1;
  last_answer_ = answer;
  const bool succeeded = answer == ProbeAnswer::success;
  if (run_ < (succeeded ? options_.success_threshold : options_.failure_threshold)) {
    return false;
  }
  verdict_ = succeeded ? ProbeVerdict::success : ProbeVerdict::failure;
  if (!succeeded && kind_ != ProbeKind::readiness) {
    on_hold_ = true;
    run_ = 0;
  }
  return true;
}

void KubernetesProbe::restart_container(Instant now) {
  container_start_ = now;
  verdict_ = initial_verdict();
  started_ = kind_ != ProbeKind::startup;
  on_hold_ = false;
  // A question to the old container is no longer of interest. The run of answers is kept: the
  // kubelet's worker keeps it too, except where it went on hold.
  under_way_.reset();
  next_tick_ = std::max(next_tick_, now);
}

}  // namespace windtunnel::health
