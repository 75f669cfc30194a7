// The event queue of a virtual world: what happens next, and the jump of the true clock to it. It
// knows callables and timeouts; hosts, their clocks and their executors are left out.
//
// Everything runs in the order of (instant, order of scheduling): equal instants run first come,
// first served, and what a handler schedules for the present runs after all that is already waiting
// for it. In steady state nothing here allocates. Handlers may call everything, but not run_one()
// and run_until().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "runtime/check.hpp"
#include "runtime/id.hpp"
#include "runtime/instant.hpp"
#include "sim/event_slab.hpp"
#include "sim/event_wheel.hpp"
#include "sim/livelock.hpp"

namespace windtunnel::sim {

/// A scheduled event; never used twice within a scheduler.
using EventId = Id<struct EventTag, std::uint64_t>;

/// A deadline that is moved often.
using TimeoutId = Id<struct TimeoutTag, std::uint64_t>;

/// Whose event it is, for reports. Numbers as in HostId.
using HostAttribution = std::uint32_t;
inline constexpr HostAttribution kNoHost = std::numeric_limits<HostAttribution>::max();

struct SchedulerOptions {
  /// More than this many at one instant is a Livelock.
  std::uint64_t events_per_instant_max = 1'000'000;
};

class Scheduler {
 public:
  static constexpr std::size_t kInlineBytes = EventSlot::kStorageBytes;
  using TimeoutHandler = void (*)(void* context);

  explicit Scheduler(SchedulerOptions options = {});
  /// Destroys all pending callables; their destructors may cancel, but must not schedule.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Makes room for this many pending events and timeouts without another allocation.
  void reserve(std::size_t events);

  [[nodiscard]] TrueInstant now() const { return instant_of(wheel_.floor()); }

  /// Runs `callable` at `at`, which must not be before now(). The callable is moved out and its
  /// slot is free again before it runs.
  template <typename F>
  EventId schedule(TrueInstant at, F&& callable, HostAttribution host = kNoHost);

  /// Destroys the callable at once. False when the event has run, is running or was cancelled
  /// before.
  bool cancel(EventId event);

  /// A disarmed timeout that calls `handler(context)` once each time that an armed deadline passes.
  [[nodiscard]] TimeoutId create_timeout(TimeoutHandler handler, void* context,
                                         HostAttribution host = kNoHost);
  /// Sets or moves the deadline; its place among equal instants is that of this call. Moving a
  /// deadline to later costs two stores: the queued key moves on when it surfaces.
  void arm(TimeoutId timeout, TrueInstant deadline);
  void disarm(TimeoutId timeout);
  [[nodiscard]] bool is_armed(TimeoutId timeout) const;
  /// What arming it touches, for whoever knows that it soon will be.
  [[nodiscard]] const void* memory_of(TimeoutId timeout) const { return &slot_of_timeout(timeout); }
  /// The handler will not be called again, and the id is invalid from here on.
  void destroy(TimeoutId timeout);

  /// A hint: `prefetch` asks the processor for what a timeout with this context will touch, soon
  /// before it does. `idle` is a context to ask with where what comes is no timeout.
  void set_prefetch(void (*prefetch)(const void* context), const void* idle) {
    prefetch_ = prefetch;
    idle_context_ = idle;
  }

  /// The instant of the next event or deadline.
  [[nodiscard]] std::optional<TrueInstant> next_at();
  /// Jumps to the next event and runs it; false when there is none.
  bool run_one();
  /// Runs all that is due up to and including `end`, then jumps there, unless stopped.
  void run_until(TrueInstant end);
  /// Makes run_until() return after the event that is running, with the clock at that event.
  void stop() { is_stopped_ = true; }

  /// Events and armed timeouts that have not run.
  [[nodiscard]] std::size_t pending() const { return pending_; }
  /// Events and deadlines that have run.
  [[nodiscard]] std::uint64_t fired() const { return fired_; }
  /// Memory of the queue's keys, without the slots; for tests of boundedness.
  [[nodiscard]] std::size_t queue_bytes() const { return wheel_.size_bytes(); }

 private:
  static constexpr std::size_t kLastHosts = 8;

  [[nodiscard]] static TrueInstant instant_of(std::uint64_t at) {
    return instant_at<TrueInstant>(static_cast<std::int64_t>(at));
  }
  [[nodiscard]] std::uint64_t not_before_now(TrueInstant at) const {
    check(at >= now(), "scheduled before now");
    return static_cast<std::uint64_t>(nanoseconds_of(at));
  }
  [[nodiscard]] EventOrder next_order(std::uint32_t slot) {
    check(sequence_ < kEventSequenceMax, "a scheduler's sequence numbers are used up");
    return event_order(sequence_++, slot);
  }

  template <typename F>
  static void run_or_drop(Scheduler& scheduler, EventSlot& slot, std::uint32_t index,
                          EventAction action);
  static void run_timeout(Scheduler& scheduler, EventSlot& slot, std::uint32_t index,
                          EventAction action);

  [[nodiscard]] EventSlot& slot_of_timeout(TimeoutId timeout) const;
  [[nodiscard]] const void* context_in(std::uint32_t slot) const;
  [[nodiscard]] const EventKey* settle(std::uint64_t limit);
  void surface(EventSlot& slot);
  bool run_next(std::uint64_t limit);
  void count_at_instant(std::uint64_t at, HostAttribution host) {
    if (at != wheel_.floor()) {
      fired_at_instant_ = 0;
    }
    if (fired_at_instant_ + kLastHosts > options_.events_per_instant_max) [[unlikely]] {
      watch_for_livelock(at, host);
    }
    ++fired_at_instant_;
  }
  void watch_for_livelock(std::uint64_t at, HostAttribution host);
  void look_ahead() const;

  EventSlab slab_;
  EventWheel wheel_{slab_};
  SchedulerOptions options_;
  void (*prefetch_)(const void* context) = [](const void*) {};
  const void* idle_context_ = nullptr;
  std::uint64_t sequence_ = 1;
  std::size_t pending_ = 0;
  std::uint64_t fired_ = 0;
  std::uint64_t fired_at_instant_ = 0;
  std::uint32_t timeout_generation_ = 0;
  bool is_stopped_ = false;
  std::array<HostAttribution, kLastHosts> last_hosts_{};
};

template <typename F>
EventId Scheduler::schedule(TrueInstant at, F&& callable, HostAttribution host) {
  using Callable = std::remove_cvref_t<F>;
  static_assert(sizeof(Callable) <= kInlineBytes, "capture less, or a pointer to it");
  static_assert(alignof(Callable) <= 8);
  static_assert(std::is_nothrow_move_constructible_v<Callable>);
  static_assert(std::is_invocable_r_v<void, Callable&>);
  const std::uint64_t key_at = not_before_now(at);
  // Made before the slot is taken: a copy may throw, a move may not.
  Callable moved(std::forward<F>(callable));
  const std::uint32_t index = slab_.acquire();
  EventSlot& slot = slab_[index];
  ::new (static_cast<void*>(slot.storage.data())) Callable(std::move(moved));
  slot.thunk = &run_or_drop<Callable>;
  slot.host = host;
  slot.order = next_order(index);
  ++pending_;
  wheel_.push({key_at, slot.order});
  return EventId{slot.order};
}

template <typename F>
void Scheduler::run_or_drop(Scheduler& scheduler, EventSlot& slot, std::uint32_t index,
                            EventAction action) {
  F* const stored = std::launder(reinterpret_cast<F*>(slot.storage.data()));
  if (action == EventAction::drop) {
    stored->~F();
    return;
  }
  F callable(std::move(*stored));
  stored->~F();
  scheduler.slab_.release(index);
  callable();
}

}  // namespace windtunnel::sim
