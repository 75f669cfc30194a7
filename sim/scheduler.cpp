#include "sim/scheduler.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

namespace windtunnel::sim {

namespace {

constexpr EventOrder kDisarmed = kNoEventOrder;

/// What a slot stores while it is a timeout. Its key may be queued (the slot's order says so) for
/// an earlier instant than the deadline: then it moves on when it surfaces.
struct Timeout {
  Scheduler::TimeoutHandler handler;
  void* context;
  std::uint64_t deadline;
  std::uint64_t queued_at;
  EventOrder armed;  ///< The order that the last arm() drew, or kDisarmed.
};
static_assert(sizeof(Timeout) <= EventSlot::kStorageBytes);
static_assert(std::is_trivially_destructible_v<Timeout>);

Timeout& timeout_in(EventSlot& slot) {
  return *std::launder(reinterpret_cast<Timeout*>(slot.storage.data()));
}

}  // namespace

Scheduler::Scheduler(SchedulerOptions options) : options_(options) {}

Scheduler::~Scheduler() {
  for (std::uint32_t index = 0; index < slab_.used(); ++index) {
    EventSlot& slot = slab_[index];
    if (slot.order != kNoEventOrder && slot.generation == 0) {
      slot.order = kNoEventOrder;
      slot.thunk(*this, slot, index, EventAction::drop);
    }
  }
}

void Scheduler::reserve(std::size_t events) {
  check(events <= kEventSlotsMax, "more events reserved than a scheduler can hold");
  slab_.reserve(static_cast<std::uint32_t>(events));
  wheel_.reserve(events);
}

bool Scheduler::cancel(EventId event) {
  const EventOrder order = event.value();
  const std::uint32_t index = slot_of(order);
  if (index >= slab_.used() || order == kNoEventOrder) {
    return false;
  }
  EventSlot& slot = slab_[index];
  if (slot.order != order || slot.generation != 0) {
    return false;
  }
  // The callable's destructor may call back: it must find this event gone, but its slot not yet
  // free.
  slot.order = kNoEventOrder;
  --pending_;
  wheel_.note_stale();
  slot.thunk(*this, slot, index, EventAction::drop);
  slab_.release(index);
  return true;
}

TimeoutId Scheduler::create_timeout(TimeoutHandler handler, void* context, HostAttribution host) {
  const std::uint32_t index = slab_.acquire();
  EventSlot& slot = slab_[index];
  ::new (static_cast<void*>(slot.storage.data())) Timeout{handler, context, 0, 0, kDisarmed};
  slot.thunk = &run_timeout;
  slot.host = host;
  timeout_generation_ = std::max(timeout_generation_ + 1, std::uint32_t{1});
  slot.generation = timeout_generation_;
  return TimeoutId{(std::uint64_t{slot.generation} << 32U) | index};
}

EventSlot& Scheduler::slot_of_timeout(TimeoutId timeout) const {
  const auto index = static_cast<std::uint32_t>(timeout.value());
  const auto generation = static_cast<std::uint32_t>(timeout.value() >> 32U);
  check(generation != 0 && index < slab_.used() && slab_[index].generation == generation,
        "not a timeout, or one already destroyed");
  return slab_[index];
}

void Scheduler::arm(TimeoutId timeout, TrueInstant deadline) {
  EventSlot& slot = slot_of_timeout(timeout);
  Timeout& state = timeout_in(slot);
  const std::uint64_t at = not_before_now(deadline);
  const EventOrder order = next_order(slot_of(timeout.value()));
  pending_ += state.armed == kDisarmed ? 1 : 0;
  state.armed = order;
  state.deadline = at;
  const bool is_queued = slot.order != kNoEventOrder;
  if (is_queued && state.queued_at < at) {
    return;
  }
  slot.order = order;
  state.queued_at = at;
  if (is_queued) {
    wheel_.note_stale();
  }
  wheel_.push({at, order});
}

void Scheduler::disarm(TimeoutId timeout) {
  Timeout& state = timeout_in(slot_of_timeout(timeout));
  pending_ -= state.armed == kDisarmed ? 0 : 1;
  state.armed = kDisarmed;
}

bool Scheduler::is_armed(TimeoutId timeout) const {
  return timeout_in(slot_of_timeout(timeout)).armed != kDisarmed;
}

void Scheduler::destroy(TimeoutId timeout) {
  disarm(timeout);
  EventSlot& slot = slot_of_timeout(timeout);
  const bool is_queued = slot.order != kNoEventOrder;
  slot.generation = 0;
  slab_.release(slot_of(timeout.value()));
  if (is_queued) {
    wheel_.note_stale();
  }
}

void Scheduler::run_timeout(Scheduler&, EventSlot& slot, std::uint32_t, EventAction) {
  Timeout& state = timeout_in(slot);
  state.armed = kDisarmed;
  state.handler(state.context);
}

/// A timeout's key came up before its deadline, or after it was disarmed: moves it on, or forgets
/// it.
void Scheduler::surface(EventSlot& slot) {
  Timeout& state = timeout_in(slot);
  wheel_.pop();
  slot.order = state.armed;
  if (state.armed != kDisarmed) {
    state.queued_at = state.deadline;
    wheel_.push({state.deadline, state.armed});
  }
}

/// The key of the next event or deadline that will really run, if it lies within `limit`.
const EventKey* Scheduler::settle(std::uint64_t limit) {
  while (const EventKey* key = wheel_.front(limit)) {
    EventSlot& slot = slab_[slot_of(key->order)];
    if (slot.order != key->order) {
      wheel_.pop_stale();
    } else if (slot.generation == 0 || timeout_in(slot).armed == key->order) [[likely]] {
      return key;
    } else {
      surface(slot);
    }
  }
  if (wheel_.size() == 0) {
    wheel_.reset();
  }
  return nullptr;
}

std::optional<TrueInstant> Scheduler::next_at() {
  const EventKey* const key = settle(EventWheel::kForever);
  return key == nullptr ? std::nullopt : std::optional{instant_of(key->at)};
}

/// Of a timeout; that of none where the slot is another event's. Chosen without a branch, which
/// could not be foreseen.
const void* Scheduler::context_in(std::uint32_t index) const {
  const EventSlot& slot = slab_[index];
  const void* context = nullptr;
  std::memcpy(&context, slot.storage.data() + offsetof(Timeout, context), sizeof(context));
  const auto mask = slot.generation != 0 ? ~std::uintptr_t{0} : std::uintptr_t{0};
  return reinterpret_cast<const void*>((reinterpret_cast<std::uintptr_t>(context) & mask) |
                                       (reinterpret_cast<std::uintptr_t>(idle_context_) & ~mask));
}

/// First for the contexts of timeouts, then for what those refer to.
void Scheduler::look_ahead() const {
  constexpr std::ptrdiff_t kFar = 4;
  constexpr std::ptrdiff_t kNear = 2;
  if (const EventKey* const far = wheel_.behind_front(kFar)) {
    __builtin_prefetch(context_in(slot_of(far->order)));
    prefetch_(context_in(slot_of(far[kNear - kFar].order)));
  }
}

bool Scheduler::run_next(std::uint64_t limit) {
  const EventKey* const next = settle(limit);
  if (next == nullptr) {
    return false;
  }
  const EventKey key = *next;
  look_ahead();
  const std::uint32_t index = slot_of(key.order);
  EventSlot& slot = slab_[index];
  count_at_instant(key.at, slot.host);
  wheel_.pop();
  wheel_.raise_floor(key.at);
  ++fired_;
  --pending_;
  slot.order = kNoEventOrder;
  slot.thunk(*this, slot, index, EventAction::run);
  return true;
}

/// Near the limit the hosts are remembered, for the report.
void Scheduler::watch_for_livelock(std::uint64_t at, HostAttribution host) {
  last_hosts_[fired_at_instant_ % kLastHosts] = host;
  if (fired_at_instant_ >= options_.events_per_instant_max) {
    std::vector<HostAttribution> hosts;
    const std::uint64_t first =
        fired_at_instant_ - std::min<std::uint64_t>(fired_at_instant_, kLastHosts - 1);
    for (std::uint64_t event = first; event <= fired_at_instant_; ++event) {
      hosts.push_back(last_hosts_[event % kLastHosts]);
    }
    throw Livelock(instant_of(at), fired_at_instant_, std::move(hosts));
  }
}

bool Scheduler::run_one() {
  return run_next(EventWheel::kForever);
}

void Scheduler::run_until(TrueInstant end) {
  const std::uint64_t limit = not_before_now(end);
  is_stopped_ = false;
  while (run_next(limit)) {
    if (is_stopped_) {
      return;
    }
  }
  if (limit != wheel_.floor()) {
    wheel_.raise_floor(limit);
    fired_at_instant_ = 0;
  }
  if (wheel_.size() == 0) {
    wheel_.reset();
  }
}

}  // namespace windtunnel::sim
