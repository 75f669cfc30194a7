#include "models/breaker/outcome_window.hpp"

#include "runtime/check.hpp"

namespace windtunnel::breaker {

namespace {

std::variant<CountWindow, TimeWindow> window_of(const WindowOptions& options) {
  if (const auto* count = std::get_if<CountWindowOptions>(&options)) {
    return CountWindow{*count};
  }
  return TimeWindow{std::get<TimeWindowOptions>(options)};
}

}  // namespace

CountWindow::CountWindow(const CountWindowOptions& options) : samples_(options.size) {
  check(options.size > 0, "a window of calls holds at least one");
}

void CountWindow::record(Instant /*now*/, CallSample sample) {
  if (counts_.calls == samples_.size()) {
    counts_ -= counts_of(samples_[next_]);
  }
  samples_[next_] = sample;
  counts_ += counts_of(sample);
  next_ = next_ + 1 == samples_.size() ? 0 : next_ + 1;
}

const CallCounts& CountWindow::counts(Instant /*now*/) {
  return counts_;
}

void CountWindow::clear() {
  counts_ = {};
  next_ = 0;
}

TimeWindow::TimeWindow(const TimeWindowOptions& options)
    : sums_(options.bucket_length, options.bucket_count) {}

OutcomeWindow::OutcomeWindow(const WindowOptions& options) : window_(window_of(options)) {}

void OutcomeWindow::record(Instant now, CallSample sample) {
  std::visit([&](auto& window) { window.record(now, sample); }, window_);
}

const CallCounts& OutcomeWindow::counts(Instant now) {
  return std::visit([&](auto& window) -> const CallCounts& { return window.counts(now); }, window_);
}

void OutcomeWindow::clear() {
  std::visit([](auto& window) { window.clear(); }, window_);
}

}  // namespace windtunnel::breaker
