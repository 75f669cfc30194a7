#include "chaos/measure/operations_by_time.hpp"

#include <algorithm>
#include <iterator>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

OperationsByTime::OperationsByTime(const std::vector<OperationRecord>& operations)
    : operations_(operations) {
  if (!survey()) {
    sorted_ = operations;
    std::ranges::stable_sort(sorted_, {}, &OperationRecord::invoked_at);
    operations_ = sorted_;
    check(survey(), "what is sorted is in order");
  }
}

bool OperationsByTime::survey() {
  unfinished_.clear();
  TrueInstant latest = TrueInstant::min();
  for (std::size_t place = 0; place < operations_.size(); ++place) {
    const OperationRecord& operation = operations_[place];
    if (operation.invoked_at < latest) {
      return false;
    }
    latest = operation.invoked_at;
    longest_ = std::max(longest_, latency_of(operation));
    if (operation.outcome == OperationOutcome::unfinished) {
      unfinished_.push_back(place);
    }
  }
  return true;
}

Operations OperationsByTime::invoked_in(TimeWindow window) const {
  const auto first =
      std::ranges::lower_bound(operations_, window.from, {}, &OperationRecord::invoked_at);
  const auto last =
      std::ranges::lower_bound(operations_, window.to, {}, &OperationRecord::invoked_at);
  return first < last ? Operations{first, last} : Operations{};
}

std::vector<OperationRecord> OperationsByTime::in_flight_at(TrueInstant at) const {
  std::vector<OperationRecord> in_flight;
  std::ranges::copy_if(invoked_in({.from = at - longest_, .to = at}), std::back_inserter(in_flight),
                       [&](const OperationRecord& operation) { return operation.ended_at >= at; });
  return in_flight;
}

std::vector<OperationRecord> OperationsByTime::touching(TimeWindow window) const {
  std::vector<OperationRecord> touching = in_flight_at(window.from);
  const Operations invoked = invoked_in(window);
  touching.insert(touching.end(), invoked.begin(), invoked.end());
  return touching;
}

std::vector<OperationRecord> OperationsByTime::unfinished_in(TimeWindow window) const {
  const auto invoked_at = [&](std::size_t place) { return operations_[place].invoked_at; };
  std::vector<OperationRecord> unfinished;
  for (auto next = std::ranges::lower_bound(unfinished_, window.from, {}, invoked_at);
       next != unfinished_.end() && invoked_at(*next) < window.to; ++next) {
    unfinished.push_back(operations_[*next]);
  }
  return unfinished;
}

Duration nearest_rank(std::vector<Duration>& samples, unsigned percent) {
  check(!samples.empty() && percent >= 1 && percent <= 100,
        "a rank needs samples and 1 to 100 percent");
  const std::size_t rank = (samples.size() * percent + 99) / 100;
  const auto nth = samples.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::ranges::nth_element(samples, nth);
  return *nth;
}

}  // namespace windtunnel::chaos
