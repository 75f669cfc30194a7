// A load as a plan has it: who asks what, how often, and what the requests look like. Values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chaos/scenario/quantity.hpp"
#include "models/client/rate_profile.hpp"
#include "runtime/distribution.hpp"
#include "runtime/id.hpp"
#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::chaos {

enum class Arrivals : std::uint8_t { poisson, constant, bursty, replay };

/// The word for the control plane's store where a service may be named.
inline constexpr std::string_view kControlPlane = "control_plane";

struct RetrySettings {
  std::optional<std::uint32_t>
      attempts;  ///< The first one included. Absent: as many as the deadline allows.
  Duration backoff =
      std::chrono::milliseconds{10};  ///< Before the second attempt; doubles from there ...
  Duration backoff_max = std::chrono::milliseconds{200};  ///< ... up to this.
  friend bool operator==(const RetrySettings&, const RetrySettings&) = default;
};

/// One point of a rate that changes.
struct RateSetting {
  Duration at{};  ///< Since the load's start.
  Rate rate;
  client::RateChange then = client::RateChange::step;  ///< How it goes on to the next point.
  friend bool operator==(const RateSetting&, const RateSetting&) = default;
};

/// Bursts and the calm between them: a Markov-modulated Poisson process. Every client host has
/// bursts of its own.
struct BurstSettings {
  Rate on;
  Rate off;
  Duration mean_on = std::chrono::seconds{1};
  Duration mean_off = std::chrono::seconds{1};
  friend bool operator==(const BurstSettings&, const BurstSettings&) = default;
};

/// A closed loop: users who ask, wait for the answer, think and ask again.
struct UserSettings {
  std::uint32_t count = 1;  ///< Over all client hosts.
  DurationDistribution think = Constant{};
  friend bool operator==(const UserSettings&, const UserSettings&) = default;
};

/// Whose requests they are: what hash policies place by.
struct KeySettings {
  std::uint32_t users = 1000;
  double skew = 0;  ///< Zipf's exponent; 0: all users alike.
  friend bool operator==(const KeySettings&, const KeySettings&) = default;
};

/// One stream of operations. Open loop, where arrivals do not wait for answers, but for `users`. On
/// the control plane they are reads and writes with the settings below; on a service they are
/// requests, and the policy of the route says the rest.
struct Load {
  std::string to{kControlPlane};
  std::vector<HostId> from;  ///< The client hosts, ascending; rates are sums over all of them.
  Rate rate;                 ///< Of poisson and constant arrivals.
  std::vector<RateSetting> profile;  ///< Where not empty, instead of `rate`.
  Arrivals arrivals = Arrivals::poisson;
  BurstSettings bursts;               ///< Of bursty arrivals.
  std::vector<Duration> trace;        ///< Of replayed ones: offsets from the start, ascending.
  std::optional<UserSettings> users;  ///< A closed loop instead of arrivals.
  KeySettings keys;
  std::vector<std::uint32_t> priorities{1};  ///< How often each business priority comes.
  Probability reads;                         ///< Share of reads; the others are writes.
  ByteCount value_size{64};
  Duration timeout = std::chrono::milliseconds{300};  ///< Per attempt.
  Duration deadline = std::chrono::seconds{2};  ///< Per operation, attempts and pauses included.
  RetrySettings retry;
  friend bool operator==(const Load&, const Load&) = default;
};

/// "200/s poisson", "50 users", for people.
[[nodiscard]] std::string traffic_text(const Load& load);

}  // namespace windtunnel::chaos
