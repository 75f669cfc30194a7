// One member of a SWIM group (Das, Gupta, Motivala, DSN 2002) with memberlist's parameters and
// Lifeguard's three amendments: it probes others, has others probe for it, and spreads what it
// learns. A pure state machine: messages and deadlines go in, messages and events come out.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "models/health/gossip_queue.hpp"
#include "models/health/random_order.hpp"
#include "models/health/suspicion.hpp"
#include "models/health/swim_message.hpp"
#include "models/health/swim_options.hpp"
#include "runtime/id.hpp"
#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::health {

/// This member has changed its mind about another.
struct MembershipChanged {
  Instant at{};
  HostId member{};
  MemberState state = MemberState::alive;
  Incarnation incarnation = 0;
  HostId from{};  ///< On whose word.
};

/// Follows memberlist 0.5 (state.go, net.go) where the paper leaves room. Differences: no probe
/// over TCP after UDP has failed, no metadata and no versions; and rumors are applied before a
/// message is answered, so that the ack to a suspect's ping already carries its refutation, which
/// memberlist leaves to a race between two goroutines. Like memberlist it forgets the dead: groups
/// that a partition has kept apart for longer than `gossip_to_the_dead_time` need a `join`.
class Swim {
 public:
  /// First ticks are spread at random over their intervals.
  Swim(HostId self, const SwimOptions& options, Instant now, RandomStream random);

  /// A member known beforehand, alive in its first incarnation. Not announced to others.
  void add_member(Instant now, HostId member);
  /// Exchanges all that is known with `contact`, known or not.
  void join(HostId contact);
  /// Announces this member's end. It goes on answering; stop driving it when `is_quiet`.
  void leave();
  [[nodiscard]] bool is_quiet() const { return rumors_.is_empty() && output_.empty(); }

  /// Precondition: the message is for this member.
  void step(Instant now, const SwimMessage& message);
  [[nodiscard]] Instant next_deadline() const;
  /// Does what is due.
  void on_deadline(Instant now);
  /// The next message to send; drain it after every call.
  [[nodiscard]] std::optional<SwimMessage> poll();

  /// Absent for members never heard of, and for those dead and forgotten.
  [[nodiscard]] std::optional<MemberState> state_of(HostId member) const;
  [[nodiscard]] Incarnation incarnation() const { return incarnation_; }
  /// This member's doubt in itself, 0 to awareness_max_multiplier − 1; its probes take one interval
  /// more for each (Lifeguard's local health multiplier).
  [[nodiscard]] std::uint32_t health_score() const { return health_score_; }
  /// Members known, this one and the dead not yet forgotten included.
  [[nodiscard]] std::size_t member_count() const { return members_.size() + 1; }

  /// Oldest first, since `clear_events`.
  [[nodiscard]] std::span<const MembershipChanged> events() const { return events_; }
  void clear_events() { events_.clear(); }

 private:
  struct Member {
    MemberState state = MemberState::dead;
    Incarnation incarnation = 0;
    Instant changed_at{};
  };
  /// The probe under way; one at a time.
  struct Probe {
    std::uint32_t sequence = 0;
    HostId target{};
    Incarnation incarnation = 0;  ///< What the target will be suspected of.
    Instant ask_others_at{};
    Instant verdict_at{};
    bool has_asked_others = false;
    std::uint32_t nacks_expected = 0;
    std::uint32_t nacks = 0;
  };
  /// A probe that another member has asked for.
  struct Relay {
    std::uint32_t sequence = 0;
    HostId origin{};
    std::uint32_t origin_sequence = 0;
    Instant nack_at{};
  };

  // Probing.
  void tend_probe(Instant now);
  void start_probe(Instant now);
  [[nodiscard]] std::optional<HostId> next_target(Instant now);
  [[nodiscard]] std::optional<HostId> next_in_ring(Instant now);
  void begin_round(Instant now);
  void ask_others(Instant now);
  void give_verdict(Instant now);
  void tend_relays(Instant now);
  void answer_ping(const SwimMessage& ping);
  void relay_ping(Instant now, const SwimMessage& request);
  void take_ack(const SwimMessage& ack);
  void take_nack(const SwimMessage& nack);
  void change_health(std::int32_t delta);

  // What is believed of whom.
  void apply(Instant now, const Rumor& rumor);
  void apply_to_self(const Rumor& rumor);
  void apply_alive(Instant now, const Rumor& rumor);
  void apply_suspect(Instant now, const Rumor& rumor);
  void apply_dead(Instant now, const Rumor& rumor);
  void set_state(Instant now, Member& member, const Rumor& rumor);
  void refute(Incarnation accused);
  void tend_suspicions(Instant now);
  void merge(Instant now, const SwimMessage& exchange);

  // Talking.
  void tend_gossip(Instant now);
  void tend_push_pull(Instant now);
  void send(SwimMessage message);
  void send_exchange(HostId to, SwimMessageType type);
  [[nodiscard]] bool is_gossiped_to(Instant now, const Member& member) const;
  /// Up to `count` members that `accepts` holds for, at random, without repetition.
  template <typename Accepts>
  [[nodiscard]] std::vector<HostId> choose(std::size_t count, Accepts accepts) {
    std::vector<HostId> candidates;
    for (const auto& [host, member] : members_) {
      if (accepts(host, member)) {
        candidates.push_back(host);
      }
    }
    keep_some(candidates, count, random_);
    return candidates;
  }

  HostId self_;
  SwimOptions options_;
  RandomStream random_;
  Incarnation incarnation_ = 1;
  bool has_left_ = false;
  std::map<HostId, Member> members_;  ///< Without this member itself.
  std::map<HostId, Suspicion> suspicions_;
  std::vector<HostId> ring_;  ///< The order of probing.
  std::size_t ring_position_ = 0;
  GossipQueue rumors_;
  std::uint32_t health_score_ = 0;
  std::uint32_t sequence_ = 0;
  std::optional<Probe> probe_;
  std::vector<Relay> relays_;
  Instant next_probe_;
  Instant next_gossip_;
  Instant next_push_pull_;
  std::deque<SwimMessage> output_;
  std::vector<MembershipChanged> events_;
};

}  // namespace windtunnel::health
