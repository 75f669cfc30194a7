// What a SWIM member can be told. Names and defaults are those of HashiCorp memberlist 0.5
// (config.go); memberlist's timers are relative to one probe interval, as the paper's are to its
// protocol period.
#pragma once

#include <cstdint>

#include "runtime/instant.hpp"

namespace windtunnel::health {

/// Whom to probe next.
enum class ProbeOrder : std::uint8_t {
  /// Everybody once, then again in a new order: after a crash every member notices within 2n − 3
  /// periods of n members (SWIM §4.3).
  round_robin,
  /// Anybody, with replacement: the first notices after 1/(1 − 1/e) = 1.58 periods on average, and
  /// no bound holds (SWIM §3.1).
  uniform,
};

/// Defaults of memberlist's DefaultLANConfig.
struct SwimOptions {
  ProbeOrder probe_order = ProbeOrder::round_robin;
  Duration probe_interval = std::chrono::seconds{1};
  Duration probe_timeout = std::chrono::milliseconds{500};  ///< Then others are asked to try.
  std::uint32_t indirect_checks = 3;
  /// How long who was asked tries before it says that it is alive itself. memberlist takes the
  /// probe timeout, so that the answer comes just too late for a probe of one interval; the
  /// Lifeguard paper takes 80 % of it.
  Duration nack_after = std::chrono::milliseconds{500};

  Duration gossip_interval = std::chrono::milliseconds{200};
  std::uint32_t gossip_nodes = 3;
  Duration gossip_to_the_dead_time = std::chrono::seconds{30};
  std::uint32_t retransmit_multiplier = 4;  ///< Each rumor is sent this times ⌈log10(n + 1)⌉.
  /// What fits into memberlist's packets of 1400 bytes. 0: nothing is ever passed on.
  std::uint32_t rumors_per_message_max = 15;

  std::uint32_t suspicion_multiplier = 4;
  std::uint32_t suspicion_max_timeout_multiplier = 6;
  std::uint32_t awareness_max_multiplier = 8;

  /// A full exchange of state with one random member; 0: never.
  Duration push_pull_interval = std::chrono::seconds{30};
};

/// memberlist's DefaultWANConfig.
[[nodiscard]] SwimOptions memberlist_wan_options();
/// memberlist's DefaultLocalConfig, for loopback.
[[nodiscard]] SwimOptions memberlist_local_options();

/// The shortest life of a suspicion among `members`: multiplier · max(1, log10 n) intervals, the
/// scale cut to thousandths (memberlist util.go, suspicionTimeout).
[[nodiscard]] Duration swim_suspicion_timeout(std::uint32_t multiplier, std::size_t members,
                                              Duration interval);

/// How often each rumor is sent: multiplier · ⌈log10(n + 1)⌉ (memberlist util.go, retransmitLimit).
[[nodiscard]] std::uint32_t swim_retransmit_limit(std::uint32_t multiplier, std::size_t members);

/// How many push-pull intervals lie between exchanges: one up to 32 members, and one more for each
/// doubling beyond (memberlist util.go, pushPullScale).
[[nodiscard]] std::uint32_t swim_push_pull_scale(std::size_t members);

}  // namespace windtunnel::health
