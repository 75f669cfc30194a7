// Settings of the rate limit of one caller's proxy. Values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "runtime/instant.hpp"

namespace windtunnel::proxy {

/// What is done with the rate. `pacing` has requests wait for their turns, evenly spaced;
/// `warm_up` is Sentinel's, after Guava's: slow after a rest; `sliding_window` admits no more than
/// the rate's number in any stretch of the rate's time.
enum class RateLimitKind : std::uint8_t { token_bucket, gcra, pacing, warm_up, sliding_window };
BOOST_DESCRIBE_ENUM(RateLimitKind, token_bucket, gcra, pacing, warm_up, sliding_window)

/// What a limit is besides a rate and a burst.
struct RateLimitForm {
  RateLimitKind kind = RateLimitKind::token_bucket;
  Duration max_wait = std::chrono::milliseconds{500};  ///< Of pacing; Sentinel's default.
  Duration warm_up = std::chrono::seconds{10};         ///< In whole seconds, as Sentinel's.
  std::uint32_t cold_factor = 3;                       ///< How much lower the rate is after a rest.

  friend bool operator==(const RateLimitForm&, const RateLimitForm&) = default;
};
BOOST_DESCRIBE_STRUCT(RateLimitForm, (), (kind, max_wait, warm_up, cold_factor))

struct RateLimitSettings {
  std::uint64_t events = 0;  ///< So many ...
  Duration per{};            ///< ... in this long.
  std::uint32_t burst = 1;   ///< Of a token bucket and of GCRA.
  RateLimitForm form{};      ///< Travels among the PolicyAdditions.

  friend bool operator==(const RateLimitSettings&, const RateLimitSettings&) = default;
};
BOOST_DESCRIBE_STRUCT(RateLimitSettings, (), (events, per, burst))

/// What no limiter can be made of; empty where one can.
[[nodiscard]] std::string_view flaw_of(const RateLimitSettings& settings);

}  // namespace windtunnel::proxy
