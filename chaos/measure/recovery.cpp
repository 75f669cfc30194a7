#include "chaos/measure/recovery.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "chaos/measure/sustained_stretch.hpp"
#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

enum class Fate : std::uint8_t { good, slow, failed, unknown };

Fate fate_of(const OperationRecord& operation, Duration latency_max) {
  const bool slow = latency_of(operation) > latency_max;
  switch (operation.outcome) {
    case OperationOutcome::ok:
      return slow ? Fate::slow : Fate::good;
    case OperationOutcome::unfinished:
      return slow ? Fate::failed : Fate::unknown;
    case OperationOutcome::failed:
    case OperationOutcome::indeterminate:
      return Fate::failed;
  }
  return Fate::unknown;
}

struct Sample {
  std::int64_t at;  ///< Nanoseconds after the start of the fault's window.
  Fate fate;
};

std::vector<Sample> samples_of(const OperationsByTime& operations, TimeWindow within,
                               Duration latency_max) {
  std::vector<Sample> samples;
  for (const OperationRecord* operation : operations.invoked_in(within)) {
    const Fate fate = fate_of(*operation, latency_max);
    if (fate != Fate::unknown) {
      samples.push_back({.at = (operation->invoked_at - within.from).count(), .fate = fate});
    }
  }
  return samples;
}

/// How many operations of each fate one window holds.
struct Tally {
  std::uint64_t good = 0;
  std::uint64_t slow = 0;
  std::uint64_t failed = 0;

  std::uint64_t& of(Fate fate) {
    return fate == Fate::good ? good : fate == Fate::slow ? slow : failed;
  }
  [[nodiscard]] std::uint64_t all() const { return good + slow + failed; }
};

bool is_bad(const Tally& tally, Ratio success_ratio) {
  const std::uint64_t succeeded = tally.good + tally.slow;
  return tally.all() > 0 && (Ratio::of(succeeded, tally.all()) < success_ratio ||
                             tally.slow * 100 > succeeded || succeeded == 0);
}

/// The sweep of one window over [0, length): the tally changes only where an operation enters or
/// leaves, so the starts between two changes are one piece.
class Sweep {
 public:
  Sweep(const std::vector<Sample>& samples, std::int64_t window)
      : samples_(samples), window_(window) {
    move_to(0);
  }

  [[nodiscard]] std::int64_t start() const { return start_; }
  [[nodiscard]] const Tally& tally() const { return tally_; }

  /// The first later start at which the tally changes.
  [[nodiscard]] std::int64_t next_change() const {
    std::int64_t next = std::numeric_limits<std::int64_t>::max();
    if (leaving_ < samples_.size()) {
      next = std::min(next, samples_[leaving_].at + 1);
    }
    if (entering_ < samples_.size()) {
      next = std::min(next, samples_[entering_].at - window_ + 1);
    }
    return next;
  }

  void move_to(std::int64_t start) {
    start_ = start;
    for (; entering_ < samples_.size() && samples_[entering_].at < start + window_; ++entering_) {
      ++tally_.of(samples_[entering_].fate);
    }
    for (; leaving_ < samples_.size() && samples_[leaving_].at < start; ++leaving_) {
      --tally_.of(samples_[leaving_].fate);
    }
  }

 private:
  const std::vector<Sample>& samples_;
  std::int64_t window_;
  std::int64_t start_ = 0;
  std::size_t entering_ = 0;
  std::size_t leaving_ = 0;
  Tally tally_;
};

WindowState state_of(const Tally& tally, Ratio success_ratio) {
  return is_bad(tally, success_ratio) ? WindowState::bad
         : tally.all() == 0           ? WindowState::silent
                                      : WindowState::good;
}

SustainedStretch sweep_windows(const std::vector<Sample>& samples, std::int64_t length,
                               const RecoveryOptions& options) {
  const std::int64_t last_start = length - options.window.count();
  SustainedStretch answer{options.window, options.sustain};
  Sweep sweep{samples, options.window.count()};
  while (sweep.start() <= last_start && !answer.is_found()) {
    const std::int64_t next = sweep.next_change();
    const std::int64_t piece_end = std::min(next - 1, last_start);
    answer.take(sweep.start(), piece_end, state_of(sweep.tally(), options.success_ratio));
    if (piece_end == last_start) {
      break;
    }
    sweep.move_to(next);
  }
  return answer;
}

constexpr SustainedWords kWords{
    .silent = "in some window of the sustained stretch no operation was invoked",
    .closed = "the last bad operations",
    .never = "the service was not good again when the window closed"};

}  // namespace

TimeWindow steady_window(const RunRecord& record, const std::vector<FaultGroup>& groups,
                         Duration steady) {
  const TrueInstant to = groups.empty() ? record.ended_at : groups.front().injected_at;
  // Until the first commit the cluster is still starting, which is no state to come back to.
  const TrueInstant started = record.commits.empty() ? TrueInstant{} : record.commits.front().at;
  return {.from = std::max(to - steady, std::min(to, started)), .to = to};
}

std::optional<Duration> baseline_latency(const OperationsByTime& operations, TimeWindow steady,
                                         Duration window) {
  check(window > Duration::zero(), "the recovery window is positive");
  std::optional<Duration> largest;
  for (TrueInstant to = steady.to; to - window >= steady.from; to -= window) {
    std::vector<Duration> latencies;
    for (const OperationRecord* operation :
         operations.invoked_in({.from = to - window, .to = to})) {
      if (operation->outcome == OperationOutcome::ok && operation->ended_at < steady.to) {
        latencies.push_back(latency_of(*operation));
      }
    }
    if (!latencies.empty()) {
      largest = std::max(largest.value_or(Duration::zero()), nearest_rank(latencies, 99));
    }
  }
  return largest;
}

MeasureValue recovery_time(const OperationsByTime& operations, TimeWindow within,
                           std::optional<Duration> baseline, const RecoveryOptions& options) {
  if (!baseline) {
    return no_evidence("no operation succeeded in the steady window, so there is no baseline");
  }
  const Duration latency_max{
      static_cast<std::int64_t>(options.latency_factor * static_cast<double>(baseline->count()))};
  const std::vector<Sample> samples = samples_of(operations, within, latency_max);
  if (samples.empty()) {
    return no_evidence("no operation was invoked in the window");
  }
  if (within.length() < options.window) {
    return no_evidence("the window is shorter than one recovery window", samples.size());
  }
  return sweep_windows(samples, within.length().count(), options)
      .value(within.length(), samples.size(), kWords);
}

}  // namespace windtunnel::chaos
