// Decides when which subscriber is sent which version of the configuration. Changes are gathered
// until they pause (debounce); then every subscriber that lacks them queues once, whatever number
// of versions it is behind (merge); a limited number of pushes is under way at a time (throttle),
// at most one to each subscriber. Behaviour of Istio 1.20's pilot/pkg/xds/discovery.go and
// pushqueue.go, with two differences: a push counts as under way until it is acknowledged, not only
// while it is being sent; and the longest debounce is kept exactly, where Istio looks only when a
// quiet timer fires.
//
// Bound: where nothing changes meanwhile, nothing was under way and every push is acknowledged
// within t, all N subscribers have the last change within debounce + ceil(N / C) * t of it, C being
// the concurrency: the last push to start waits behind floor((N - 1) / C) others in its lane. With
// pushes of an earlier version under way, one t more.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "models/config/push_statistics.hpp"
#include "runtime/id.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::config {

/// Istio's defaults: PILOT_DEBOUNCE_AFTER, PILOT_DEBOUNCE_MAX. Its concurrency is
/// min(15 + 5 * cores, 100) since 1.21; 25 is two cores.
struct PushOptions {
  Duration debounce_quiet = std::chrono::milliseconds{100};
  Duration debounce_max = std::chrono::seconds{10};
  std::uint32_t concurrency_max = 25;
  /// A push not answered for so long is taken for lost; the subscriber queues again, at the end.
  Duration acknowledge_within = std::chrono::seconds{5};
  /// A subscriber that leaves so many in a row unanswered is forgotten.
  std::uint32_t attempts_max = 3;
};

/// Dense; used again after the subscriber leaves.
using SubscriberId = Id<struct SubscriberTag>;

/// A push to be sent now: whatever leads from `held` to `revision`.
struct Push {
  SubscriberId subscriber{};
  std::uint64_t nonce = 0;  ///< Comes back with the answer; never used twice.
  std::uint64_t held = 0;
  std::uint64_t revision = 0;
};

/// How long an acknowledged push took, stage by stage, from the first change it brought.
struct PushTimes {
  Duration debounce{};  ///< From that change to the end of its debounce.
  Duration queue{};     ///< Until the push began.
  Duration push{};      ///< Until it was acknowledged, resent ones included.
  [[nodiscard]] Duration convergence() const { return debounce + queue + push; }
};

struct Acknowledged {
  std::uint64_t revision = 0;
  PushTimes times;
};

class PushDistributor {
 public:
  explicit PushDistributor(PushOptions options) : options_(options) {}

  /// `held`: what the subscriber has already. One that lacks something queues at once.
  [[nodiscard]] SubscriberId subscribe(Instant now, std::uint64_t held);
  void unsubscribe(SubscriberId subscriber);

  /// The configuration changed. Revisions ascend.
  void change(Instant now, std::uint64_t revision);

  /// Does what is due: ends a debounce, gives up pushes that were not answered. Returns the version
  /// that has become the one to push, if one has.
  [[nodiscard]] std::optional<std::uint64_t> advance(Instant now);
  /// When advance() next has something to do.
  [[nodiscard]] std::optional<Instant> next_deadline();

  /// The next push to begin; it is under way from now on. Ask until there is none. O(1).
  [[nodiscard]] std::optional<Push> next(Instant now);

  /// The push that next() has just returned brings nothing that its subscriber wants: it lacks
  /// nothing of this version, though it will never hold it.
  void pass_over(const Push& push);

  /// The subscriber has applied the push. Nothing where the answer is stale. O(1).
  [[nodiscard]] std::optional<Acknowledged> acknowledge(Instant now, SubscriberId subscriber,
                                                        std::uint64_t nonce);
  /// The subscriber refused the push and keeps what it had; it is not sent that version again.
  /// Returns the version refused; nothing where the answer is stale.
  [[nodiscard]] std::optional<std::uint64_t> reject(Instant now, SubscriberId subscriber,
                                                    std::uint64_t nonce);

  /// Subscribers forgotten for their silence since the last call.
  [[nodiscard]] std::vector<SubscriberId> take_forgotten();

  [[nodiscard]] std::uint64_t revision() const { return settled_; }
  [[nodiscard]] std::uint32_t under_way() const { return under_way_; }
  [[nodiscard]] std::size_t queued() const { return queued_; }
  /// What the subscriber has acknowledged, or had when it came.
  [[nodiscard]] std::uint64_t held_by(SubscriberId subscriber) const {
    return subscribers_[subscriber.value()].held;
  }
  [[nodiscard]] const PushCounters& counters() const { return counters_; }
  [[nodiscard]] const PushStatistics& statistics() const { return statistics_; }

 private:
  struct UnderWay {
    std::uint64_t nonce = 0;
    std::uint64_t revision = 0;
  };
  struct Subscriber {
    bool is_known = false;
    bool is_queued = false;
    std::uint32_t unanswered = 0;
    std::uint64_t held = 0;
    std::uint64_t passed_over = 0;
    std::uint64_t rejected = 0;
    std::optional<UnderWay> under_way;
    // Of the oldest change that it lacks.
    Instant changed_at{};
    Instant settled_at{};
    std::optional<Instant> began_at;  // The first push that brings it.
    // Of a change that came while one was under way.
    std::optional<std::pair<Instant, Instant>> following;
  };
  struct Deadline {
    Instant at{};
    SubscriberId subscriber{};
    std::uint64_t nonce = 0;
  };

  [[nodiscard]] std::optional<std::uint64_t> end_debounce(Instant now);
  [[nodiscard]] bool lacks(const Subscriber& subscriber) const;
  void enqueue(SubscriberId id, Instant changed_at, Instant settled_at);
  void push_back(SubscriberId id);
  void give_up(Instant now, const Deadline& deadline);
  [[nodiscard]] Subscriber* answering(SubscriberId id, std::uint64_t nonce);
  void settle_answer(SubscriberId id, Subscriber& subscriber);
  void drop_answered_deadlines();

  PushOptions options_;
  std::vector<Subscriber> subscribers_;
  std::vector<SubscriberId> free_;
  std::deque<SubscriberId> queue_;  // May name subscribers that have left.
  std::deque<Deadline> deadlines_;  // Ascending: all pushes have the same time. May be answered.
  std::vector<SubscriberId> forgotten_;
  std::size_t queued_ = 0;
  std::uint32_t under_way_ = 0;
  std::uint64_t last_nonce_ = 0;
  std::uint64_t settled_ = 0;
  std::optional<std::uint64_t> gathering_;  // The latest change that is not settled.
  Instant first_change_at_{};
  Instant latest_change_at_{};
  PushCounters counters_;
  PushStatistics statistics_;
};

}  // namespace windtunnel::config
