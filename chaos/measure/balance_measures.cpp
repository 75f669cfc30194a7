#include "chaos/measure/balance_measures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "chaos/measure/sustained_stretch.hpp"

namespace windtunnel::chaos {

namespace {

constexpr double kPi = 3.14159265358979323846;

constexpr SustainedWords kWords{
    .silent = "in some window of the sustained stretch too few requests were made to tell",
    .closed = "the last windows that were not balanced",
    .never = "the picks were not balanced when the window closed"};

MeasureValue no_picks() {
  return no_evidence("no request was sent in the window");
}

/// Picks that a window needs before chance alone explains no more than `distance`.
double picks_needed(const PickTarget& target, Ratio distance) {
  const double squared = distance.value * distance.value;
  return static_cast<double>(target.instances().size()) / (2 * kPi * squared);
}

std::uint64_t picks_among(Operations operations, const PickTarget& target) {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(operations, [&](const OperationRecord* operation) {
        return target.place_of(operation->picked) < target.instances().size();
      }));
}

/// The sweep of one window over a stretch of time, as recovery_time's.
class PickSweep {
 public:
  PickSweep(Operations operations, const PickTarget& target, TimeWindow within,
            const BalanceOptions& options)
      : operations_(operations),
        from_(within.from),
        window_(options.window),
        distance_(options.distance.value),
        picks_needed_(picks_needed(target, options.distance)),
        tally_(target) {
    move_to(0);
  }

  [[nodiscard]] std::int64_t start() const { return start_; }

  /// The first later start at which the window's content changes.
  [[nodiscard]] std::int64_t next_change() const {
    std::int64_t next = std::numeric_limits<std::int64_t>::max();
    if (leaving_ < operations_.size()) {
      next = std::min(next, offset(leaving_) + 1);
    }
    if (entering_ < operations_.size()) {
      next = std::min(next, offset(entering_) - window_.count() + 1);
    }
    return next;
  }

  void move_to(std::int64_t start) {
    start_ = start;
    for (; entering_ < operations_.size() && offset(entering_) < start + window_.count();
         ++entering_) {
      tally_.add(*operations_[entering_]);
      ++changes_;
    }
    for (; leaving_ < operations_.size() && offset(leaving_) < start; ++leaving_) {
      tally_.remove(*operations_[leaving_]);
      ++changes_;
    }
  }

  [[nodiscard]] WindowState state() {
    if (tally_.all() == 0) {
      return WindowState::silent;
    }
    if (changes_ >= sure_for_) {
      look();
    }
    const bool says_much = static_cast<double>(tally_.all()) >= picks_needed_;
    return is_near_ ? WindowState::good : says_much ? WindowState::bad : WindowState::silent;
  }

 private:
  [[nodiscard]] std::int64_t offset(std::size_t operation) const {
    return (operations_[operation]->invoked_at - from_).count();
  }

  void look() {
    const double distance = tally_.total_variation();
    is_near_ = distance <= distance_;
    // After k changes of N picks the distance has moved by at most 2k / (N - k).
    const double slack = std::abs(distance - distance_);
    sure_for_ = static_cast<std::uint64_t>(slack * static_cast<double>(tally_.all()) / (2 + slack));
    changes_ = 0;
  }

  Operations operations_;
  TrueInstant from_;
  Duration window_;
  double distance_;
  double picks_needed_;
  PickTally tally_;
  std::int64_t start_ = 0;
  std::size_t entering_ = 0;
  std::size_t leaving_ = 0;
  std::uint64_t changes_ = 0;   // Since the distance was computed ...
  std::uint64_t sure_for_ = 0;  // ... which says on which side of the bound it is for so many.
  bool is_near_ = false;
};

SustainedStretch sweep_windows(PickSweep sweep, std::int64_t last_start,
                               const BalanceOptions& options) {
  SustainedStretch answer{options.window, options.sustain};
  while (sweep.start() <= last_start && !answer.is_found()) {
    const std::int64_t next = sweep.next_change();
    const std::int64_t piece_end = std::min(next - 1, last_start);
    answer.take(sweep.start(), piece_end, sweep.state());
    if (piece_end == last_start) {
      break;
    }
    sweep.move_to(next);
  }
  return answer;
}

}  // namespace

PickTally tally_of(Operations operations, const PickTarget& target) {
  PickTally tally{target};
  for (const OperationRecord* operation : operations) {
    tally.add(*operation);
  }
  return tally;
}

MeasureValue largest_over_fair(const PickTally& tally) {
  if (tally.all() == 0) {
    return no_picks();
  }
  double largest = 0;
  for (std::size_t i = 0; i < tally.counts().size(); ++i) {
    if (const double fair = tally.fair(i); fair > 0) {
      largest = std::max(largest, static_cast<double>(tally.counts()[i]) / fair);
    }
  }
  return measured(Ratio{largest}, tally.all());
}

MeasureValue jain_index(const PickTally& tally) {
  double instances = 0;
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 0; i < tally.counts().size(); ++i) {
    if (const double fair = tally.fair(i); fair > 0) {
      const double share = static_cast<double>(tally.counts()[i]) / fair;
      instances += 1;
      sum += share;
      squares += share * share;
    }
  }
  if (squares == 0) {
    return no_picks();
  }
  return measured(Ratio{sum * sum / (instances * squares)}, tally.all());
}

MeasureValue balance_convergence(const OperationsByTime& operations, const PickTarget& target,
                                 TimeWindow within, const BalanceOptions& options) {
  const Operations inside = operations.invoked_in(within);
  const std::uint64_t picks = picks_among(inside, target);
  if (picks == 0) {
    return no_picks();
  }
  if (within.length() < options.window) {
    return no_evidence("the stretch is shorter than one window", picks);
  }
  return sweep_windows(PickSweep{inside, target, within, options},
                       (within.length() - options.window).count(), options)
      .value(within.length(), picks, kWords);
}

}  // namespace windtunnel::chaos
