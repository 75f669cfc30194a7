#include "models/client/call_recorder.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::client {

namespace {

void add(CallWindow& sum, const CallWindow& window) {
  sum.due += window.due;
  for (std::size_t i = 0; i < sum.ended.size(); ++i) {
    sum.ended[i] += window.ended[i];
  }
}

}  // namespace

CallRecorder::CallRecorder(Instant start, RecorderOptions options)
    : start_(start), options_(options) {
  check(options.window > Duration::zero(), "a window lasts some time");
  windows_.reserve(static_cast<std::size_t>(options.reserved / options.window) + 1);
}

CallWindow& CallRecorder::window_at(Instant instant) {
  const Duration since = std::max(Duration::zero(), instant - start_);
  const auto index = static_cast<std::size_t>(since / options_.window);
  if (index >= windows_.size()) {
    windows_.resize(index + 1);
  }
  return windows_[index];
}

std::uint64_t CallRecorder::begin(Instant due) {
  ++window_at(due).due;
  return 0;  // Counts need no names.
}

void CallRecorder::end(const CallRecord& record) {
  ++window_at(record.ended).ended[static_cast<std::size_t>(record.outcome)];
  attempts_ += record.attempts;
  latencies_.record(record.latency());
  if (record.outcome == service::CallOutcome::ok) {
    ok_latencies_.record(record.latency());
  }
}

void CallRecorder::merge(const CallRecorder& other) {
  check(start_ == other.start_ && options_.window == other.options_.window,
        "recorders that are merged have the same windows");
  windows_.resize(std::max(windows_.size(), other.windows_.size()));
  for (std::size_t i = 0; i < other.windows_.size(); ++i) {
    add(windows_[i], other.windows_[i]);
  }
  ok_latencies_.merge(other.ok_latencies_);
  latencies_.merge(other.latencies_);
  attempts_ += other.attempts_;
}

CallWindow CallRecorder::total(Duration from, Duration to) const {
  CallWindow sum;
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    const Duration begin = options_.window * static_cast<std::int64_t>(i);
    if (begin >= from && begin < to) {
      add(sum, windows_[i]);
    }
  }
  return sum;
}

}  // namespace windtunnel::client
