#include "chaos/measure/balance_measures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "chaos/measure/pick_distance.hpp"
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
      std::ranges::count_if(operations, [&](const OperationRecord& operation) {
        return target.place_of(operation.picked) < target.instances().size();
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
        bound_(options.distance.value),
        picks_needed_(picks_needed(target, options.distance)),
        distance_(target) {
    move_to(0);
  }

  [[nodiscard]] std::int64_t start() const { return start_; }
  /// Of all operations, those that the window has not come to included.
  [[nodiscard]] std::uint64_t all_picks() const {
    return picks_entered_ + picks_among(operations_.subspan(entering_), distance_.target());
  }

  [[nodiscard]] WindowState state() {
    if (distance_.all() == 0) {
      return WindowState::silent;
    }
    if (changes_ >= sure_for_) {
      look();
    }
    return is_near_ ? WindowState::good : says_much() ? WindowState::bad : WindowState::silent;
  }

  /// To a later start. All starts in between are in the present state.
  void move_on() {
    const std::size_t pairs = changes_without_news() / 2;
    move_to(std::min(first_with(entering_ + pairs), first_without(leaving_ + pairs)));
  }

 private:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  [[nodiscard]] bool says_much() const {
    return static_cast<double>(distance_.all()) >= picks_needed_;
  }

  /// So many operations may enter or leave before the state can be another one.
  [[nodiscard]] std::uint64_t changes_without_news() const {
    if (distance_.all() == 0) {
      return 0;
    }
    const std::uint64_t sure = sure_for_ - std::min(sure_for_, changes_ + 1);
    const double room = std::abs(static_cast<double>(distance_.all()) - picks_needed_) - 1;
    if (is_near_ || room >= static_cast<double>(sure)) {
      return sure;
    }
    return static_cast<std::uint64_t>(std::max(room, 0.0));
  }

  void move_to(std::int64_t start) {
    start_ = start;
    const std::size_t moves = entering_ + leaving_;
    const TrueInstant opens = instant_after(from_, Duration{start});
    const TrueInstant closes = instant_after(opens, window_);
    const std::uint64_t picks = distance_.all();
    for (; is_invoked_before(entering_, closes); ++entering_) {
      distance_.add(operations_[entering_]);
    }
    picks_entered_ += distance_.all() - picks;
    for (; is_invoked_before(leaving_, opens); ++leaving_) {
      distance_.remove(operations_[leaving_]);
    }
    changes_ += entering_ + leaving_ - moves;
  }

  [[nodiscard]] bool is_invoked_before(std::size_t operation, TrueInstant at) const {
    return operation < operations_.size() && operations_[operation].invoked_at < at;
  }

  /// The first start of a window that an operation has entered ...
  [[nodiscard]] std::int64_t first_with(std::size_t operation) const {
    return operation < operations_.size() ? offset(operation) - window_.count() + 1 : kNever;
  }
  /// ... or has left.
  [[nodiscard]] std::int64_t first_without(std::size_t operation) const {
    return operation < operations_.size() ? offset(operation) + 1 : kNever;
  }
  [[nodiscard]] std::int64_t offset(std::size_t operation) const {
    return (operations_[operation].invoked_at - from_).count();
  }

  void look() {
    const double distance = distance_.compared_with(bound_);
    is_near_ = distance <= bound_;
    // After k changes of N picks the distance has moved by at most 2k / (N - k).
    const double slack = std::abs(distance - bound_);
    sure_for_ =
        static_cast<std::uint64_t>(slack * static_cast<double>(distance_.all()) / (2 + slack));
    changes_ = 0;
  }

  Operations operations_;
  TrueInstant from_;
  Duration window_;
  double bound_;
  double picks_needed_;
  PickDistance distance_;
  std::int64_t start_ = 0;
  std::size_t entering_ = 0;
  std::size_t leaving_ = 0;
  std::uint64_t picks_entered_ = 0;
  std::uint64_t changes_ = 0;   // Since the distance was computed ...
  std::uint64_t sure_for_ = 0;  // ... which says on which side of the bound it is for so many.
  bool is_near_ = false;
};

SustainedStretch sweep_windows(PickSweep& sweep, std::int64_t last_start,
                               const BalanceOptions& options) {
  SustainedStretch answer{options.window, options.sustain};
  while (sweep.start() <= last_start && !answer.is_found()) {
    const std::int64_t from = sweep.start();
    const WindowState state = sweep.state();
    sweep.move_on();
    answer.take(from, std::min(sweep.start() - 1, last_start), state);
  }
  return answer;
}

}  // namespace

PickTally tally_of(Operations operations, const PickTarget& target) {
  PickTally tally{target};
  for (const OperationRecord& operation : operations) {
    tally.add(operation);
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
  PickSweep sweep{operations.invoked_in(within), target, within, options};
  const std::int64_t last_start = (within.length() - options.window).count();
  const SustainedStretch answer = sweep_windows(sweep, last_start, options);
  const std::uint64_t picks = sweep.all_picks();
  if (picks == 0) {
    return no_picks();
  }
  if (last_start < 0) {
    return no_evidence("the stretch is shorter than one window", picks);
  }
  return answer.value(within.length(), picks, kWords);
}

}  // namespace windtunnel::chaos
