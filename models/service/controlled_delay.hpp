// Controllers of queueing delay: each looks at how long work waited before a worker took it, and
// says whether to serve it or to shed it. Three rules under their own names, because what is called
// CoDel differs from paper to product.
#pragma once

#include <cstdint>
#include <variant>

#include "runtime/instant.hpp"

namespace windtunnel::service {

struct DelayTarget {
  Duration target = std::chrono::milliseconds{5};
  Duration interval = std::chrono::milliseconds{100};
};

/// What a controller may know when work arrives or leaves the queue.
struct QueueView {
  Instant now{};
  Duration waited{};         ///< By the work that leaves the queue.
  bool others_wait = false;  ///< Behind it.
  Instant last_empty{};      ///< When the queue was last seen empty.
};

/// Serves whatever comes.
class NoDelayControl {
 public:
  [[nodiscard]] Duration wait_max(const QueueView& /*queue*/) const { return Duration::max(); }
  [[nodiscard]] bool sheds(const QueueView& /*queue*/) { return false; }
  void queue_emptied() {}
};

/// CoDel as RFC 8289 section 5 states it, with a request in place of a packet and "nothing else
/// waits" in place of "no more than one MTU is queued". Once delay has been above target for an
/// interval it sheds one request, then the next after interval/sqrt(2), interval/sqrt(3), ...:
/// patient, made for senders that slow down when they lose one.
class Codel {
 public:
  explicit Codel(DelayTarget options = {});

  [[nodiscard]] Duration wait_max(const QueueView& /*queue*/) const { return Duration::max(); }
  /// Whether the request that leaves the queue is shed instead of served.
  [[nodiscard]] bool sheds(const QueueView& queue);
  /// A worker found nothing more to take.
  void queue_emptied();

  [[nodiscard]] bool is_dropping() const { return is_dropping_; }
  [[nodiscard]] std::uint32_t count() const { return count_; }

 private:
  [[nodiscard]] bool is_above_target_for_an_interval(const QueueView& queue);
  void start_dropping(Instant now);
  [[nodiscard]] Instant next_drop_after(Instant instant) const;

  DelayTarget options_;
  Instant first_above_ = Instant::max();  // When delay will have been above for an interval.
  Instant drop_next_{};
  std::uint32_t count_ = 0;
  std::uint32_t last_count_ = 0;
  bool is_dropping_ = false;
  bool owes_next_drop_ = false;  // After a drop, the next one's time is set once work follows it.
};

/// The rule of folly::Codel (facebook/folly, folly/executors/Codel.cpp, 2017 to 2024): overloaded
/// where the least delay of the last interval was above target; then everything that waited more
/// than twice the target is shed. The first request of an interval is always served.
class FollyCodel {
 public:
  explicit FollyCodel(DelayTarget options = {});

  [[nodiscard]] Duration wait_max(const QueueView& /*queue*/) const { return Duration::max(); }
  [[nodiscard]] bool sheds(const QueueView& queue) { return sheds(queue.now, queue.waited); }
  [[nodiscard]] bool sheds(Instant now, Duration waited);
  void queue_emptied() {}

  /// The least delay of this interval as a percentage of twice the target, at most 100.
  [[nodiscard]] std::uint32_t load_percent() const;

 private:
  DelayTarget options_;
  Duration least_delay_{};
  Instant interval_end_{};
  bool starts_anew_ = true;
  bool is_overloaded_ = false;
};

/// The queue timeout of "Fail at Scale" (Maurer, ACM Queue 13(8), 2015, "Controlled Delay"): work
/// that arrives while the queue has not been empty for an interval may wait for the target only,
/// other work for the interval.
class QueueTimeout {
 public:
  explicit QueueTimeout(DelayTarget options = {}) : options_(options) {}

  [[nodiscard]] Duration wait_max(const QueueView& queue) const {
    return queue.now - queue.last_empty > options_.interval ? options_.target : options_.interval;
  }
  [[nodiscard]] bool sheds(const QueueView& /*queue*/) { return false; }
  void queue_emptied() {}

 private:
  DelayTarget options_;
};

using DelayControl = std::variant<NoDelayControl, Codel, FollyCodel, QueueTimeout>;

}  // namespace windtunnel::service
