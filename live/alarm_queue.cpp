#include "live/alarm_queue.hpp"

#include <algorithm>

namespace windtunnel::live {

AlarmQueue::AlarmQueue(asio::io_context& context) : timer_(context), origin_(Clock::now()) {}

Instant AlarmQueue::now() const {
  return Instant{std::chrono::duration_cast<Duration>(Clock::now() - origin_)};
}

AlarmId AlarmQueue::create(void (*handler)(void*), void* context) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(alarms_.size()));
    alarms_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  alarms_[index].handler = handler;
  alarms_[index].context = context;
  return index;
}

void AlarmQueue::set(AlarmId alarm, Instant deadline) {
  Alarm& state = alarms_[alarm];
  state.deadline = deadline;
  state.is_armed = true;
  if (!state.is_queued || deadline < state.queued_at) {
    push(static_cast<std::uint32_t>(alarm));
    wait_for_first();
  }
}

void AlarmQueue::clear(AlarmId alarm) {
  alarms_[alarm].is_armed = false;
}

void AlarmQueue::destroy(AlarmId alarm) {
  Alarm& state = alarms_[alarm];
  state.is_armed = false;
  state.is_queued = false;
  ++state.version;
  state.handler = nullptr;
  free_.push_back(static_cast<std::uint32_t>(alarm));
}

void AlarmQueue::push(std::uint32_t index) {
  Alarm& alarm = alarms_[index];
  alarm.is_queued = true;
  // What a handler arms for the past runs in the next turn, so that sockets are served in between.
  alarm.queued_at = is_running_ ? std::max(alarm.deadline, turn_ + Duration{1}) : alarm.deadline;
  heap_.push({alarm.queued_at, next_sequence_++, index, ++alarm.version});
}

void AlarmQueue::wait_for_first() {
  // While due alarms run, the wait is set once, behind them.
  if (is_running_ || heap_.empty() || (is_waiting_ && waiting_until_ <= heap_.top().at)) {
    return;
  }
  is_waiting_ = true;
  waiting_until_ = heap_.top().at;
  timer_.expires_at(origin_ + waiting_until_.time_since_epoch());
  timer_.async_wait(lifetime_.guard([this](error_code error) {
    if (!error) {
      is_waiting_ = false;
      run_due();
    }
  }));
}

void AlarmQueue::run_due() {
  turn_ = now();
  is_running_ = true;
  while (!heap_.empty() && heap_.top().at <= turn_) {
    run_first();
  }
  is_running_ = false;
  wait_for_first();
}

void AlarmQueue::run_first() {
  const Entry entry = heap_.top();
  heap_.pop();
  Alarm& alarm = alarms_[entry.alarm];
  if (alarm.version != entry.version) {
    return;
  }
  alarm.is_queued = false;
  if (!alarm.is_armed) {
    return;
  }
  if (alarm.deadline > entry.at) {
    push(entry.alarm);
    return;
  }
  alarm.is_armed = false;
  alarm.handler(alarm.context);
}

}  // namespace windtunnel::live
