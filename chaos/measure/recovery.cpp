#include "chaos/measure/recovery.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

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

std::uint64_t fates_known(const OperationsByTime& operations, TimeWindow within,
                          Duration latency_max) {
  const auto unfinished = operations.unfinished_in(within);
  const auto unknown = std::ranges::count_if(unfinished, [&](const OperationRecord& operation) {
    return fate_of(operation, latency_max) == Fate::unknown;
  });
  return operations.invoked_in(within).size() - static_cast<std::uint64_t>(unknown);
}

/// How many operations of each fate one window holds.
struct Tally {
  std::uint64_t good = 0;
  std::uint64_t slow = 0;
  std::uint64_t failed = 0;
  std::uint64_t unknown = 0;

  std::uint64_t& of(Fate fate) {
    switch (fate) {
      case Fate::good:
        return good;
      case Fate::slow:
        return slow;
      case Fate::failed:
        return failed;
      case Fate::unknown:
        break;
    }
    return unknown;
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
  Sweep(Operations operations, TimeWindow within, Duration latency_max, Duration window)
      : operations_(operations), from_(within.from), latency_max_(latency_max), window_(window) {
    move_to(0);
  }

  [[nodiscard]] std::int64_t start() const { return start_; }
  [[nodiscard]] const Tally& tally() const { return tally_; }

  /// The first later start at which the tally may change.
  [[nodiscard]] std::int64_t next_change() const { return std::min(entry(), exit()); }

  void move_to(std::int64_t start) {
    start_ = start;
    for (; entry() <= start; ++entering_) {
      ++tally_.of(fate_of(operations_[entering_], latency_max_));
    }
    for (; exit() <= start; ++leaving_) {
      --tally_.of(fate_of(operations_[leaving_], latency_max_));
    }
  }

 private:
  /// The first start of a window that holds the next operation to enter ...
  [[nodiscard]] std::int64_t entry() const {
    return entering_ < operations_.size() ? offset(entering_) - window_.count() + 1 : kNever;
  }
  /// ... or no longer holds the next one to leave.
  [[nodiscard]] std::int64_t exit() const {
    return leaving_ < operations_.size() ? offset(leaving_) + 1 : kNever;
  }
  [[nodiscard]] std::int64_t offset(std::size_t operation) const {
    return (operations_[operation].invoked_at - from_).count();
  }

  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  Operations operations_;
  TrueInstant from_;
  Duration latency_max_;
  Duration window_;
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

SustainedStretch sweep_windows(Sweep sweep, std::int64_t last_start,
                               const RecoveryOptions& options) {
  SustainedStretch answer{options.window, options.sustain};
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
    for (const OperationRecord& operation :
         operations.invoked_in({.from = to - window, .to = to})) {
      if (operation.outcome == OperationOutcome::ok && operation.ended_at < steady.to) {
        latencies.push_back(latency_of(operation));
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
  const std::uint64_t n = fates_known(operations, within, latency_max);
  if (n == 0) {
    return no_evidence("no operation was invoked in the window");
  }
  if (within.length() < options.window) {
    return no_evidence("the window is shorter than one recovery window", n);
  }
  return sweep_windows(Sweep{operations.invoked_in(within), within, latency_max, options.window},
                       (within.length() - options.window).count(), options)
      .value(within.length(), n, kWords);
}

}  // namespace windtunnel::chaos
