// Whether one more attempt may go out to a service in trouble: client throttling, then an adaptive
// limit of attempts under way. A core of the Route; neither stands there unless its policy says so.
#pragma once

#include <cstdint>
#include <optional>

#include "models/breaker/concurrency_limiter.hpp"
#include "models/breaker/envoy_admission_control.hpp"
#include "models/breaker/sre_throttle.hpp"
#include "models/proxy/overload_settings.hpp"
#include "models/proxy/refused.hpp"
#include "models/service/caller.hpp"
#include "runtime/random.hpp"

namespace windtunnel::proxy {

/// What an attempt was admitted with.
struct AdmissionTicket {
  std::optional<breaker::LimitPermit> permit;
  std::uint32_t limiter_epoch = 0;  ///< Whose permit it is: the limiter may be another by the end.
};

class AttemptAdmission {
 public:
  explicit AttemptAdmission(RandomStream random) : random_(random) {}

  /// Puts settings into effect. What does not change keeps its state.
  void apply(Instant now, const std::optional<AdaptiveConcurrencySettings>& adaptive,
             const std::optional<ThrottleSettings>& throttle);

  /// O(1), allocates nothing. What was admitted is to be settled or abandoned.
  [[nodiscard]] std::optional<Refused> admit(Instant now, AdmissionTicket& ticket);
  void settle(Instant now, const AdmissionTicket& ticket, service::CallOutcome outcome);
  /// It was not sent after all, or given up: it says nothing about the service.
  void abandon(Instant now, const AdmissionTicket& ticket);

  /// How many attempts may be under way; nothing without a limiter.
  [[nodiscard]] std::optional<std::uint32_t> limit(Instant now);

 private:
  [[nodiscard]] bool is_throttled(Instant now);
  void settle_limiter(Instant now, const AdmissionTicket& ticket, breaker::LimitOutcome outcome);

  RandomStream random_;
  std::optional<AdaptiveConcurrencySettings> adaptive_;
  std::optional<breaker::ConcurrencyLimiter> limiter_;
  std::uint32_t limiter_epoch_ = 0;
  std::optional<ThrottleSettings> throttle_;
  std::optional<breaker::SreThrottle> sre_;
  std::optional<breaker::EnvoyAdmissionControl> admission_control_;
};

}  // namespace windtunnel::proxy
