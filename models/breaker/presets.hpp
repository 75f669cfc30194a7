// Breakers of well-known products, as far as this machine can express them, under their names and
// with their default figures. What they do by mistake is left out; each comment says what.
#pragma once

#include "models/breaker/breaker.hpp"
#include "models/breaker/threshold.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::breaker {

/// resilience4j 2.x with CircuitBreakerConfig.ofDefaults(): the last 100 calls, judged from the
/// 100th on; 50 % failed or 100 % slower than 60 s trip; 60 s open; ten calls half-open, judged
/// together by the same thresholds (CircuitBreakerMetrics.java, CircuitBreakerStateMachine.java).
/// Left out: a call admitted before the trip may decide its half-open state; lost permits keep it
/// half-open for ever; its lock-free time window reads the system's clock instead of the
/// configured one.
[[nodiscard]] BreakerOptions resilience4j_2();

/// Hystrix 1.5: ten buckets of 1 s, at least 20 requests, 50 % errors; 5 s open; one probe decides
/// (HystrixCommandProperties.java, HystrixCircuitBreaker.java). It judges a snapshot of its health
/// counts that is up to 500 ms old, this judges at every call.
[[nodiscard]] BreakerOptions hystrix_1_5();

/// What the three strategies of Sentinel 1.8 have in common with DegradeRule's defaults: one
/// tumbling bucket of `statIntervalMs` = 1 s, at least 5 requests, one probe. `open` is its
/// timeWindow, which has no default.
///
/// Left out: a call admitted before the trip may decide its half-open state; a probe that another
/// rule blocks goes back to open without a new interval (issue 1638), where here the caller settles
/// it as ignored and the permit is free again.

/// ResponseTimeCircuitBreaker: the share of calls slower than `slow_call` is above `share`, or is
/// everything where `share` is everything.
[[nodiscard]] BreakerOptions sentinel_1_8_slow_ratio(Duration slow_call, Share share,
                                                     Duration open);
/// ExceptionCircuitBreaker, DEGRADE_GRADE_EXCEPTION_RATIO: the share of errors is above `share`.
[[nodiscard]] BreakerOptions sentinel_1_8_error_ratio(Share share, Duration open);
/// ExceptionCircuitBreaker, DEGRADE_GRADE_EXCEPTION_COUNT: more than `count` errors.
[[nodiscard]] BreakerOptions sentinel_1_8_error_count(std::uint64_t count, Duration open);

/// gobreaker 2.x with empty Settings: more than five consecutive failures trip, 60 s open, one
/// call half-open (v2/gobreaker.go). Its generation counter is what this machine's is modelled on.
/// It becomes half-open strictly after the timeout, this exactly at it.
[[nodiscard]] BreakerOptions gobreaker_2();

}  // namespace windtunnel::breaker
