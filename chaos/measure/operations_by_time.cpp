#include "chaos/measure/operations_by_time.hpp"

#include <algorithm>
#include <tuple>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

bool invoked_earlier(const OperationRecord* a, const OperationRecord* b) {
  return std::tie(a->invoked_at, a->number) < std::tie(b->invoked_at, b->number);
}

}  // namespace

OperationsByTime::OperationsByTime(const std::vector<OperationRecord>& operations) {
  operations_.reserve(operations.size());
  for (const OperationRecord& operation : operations) {
    operations_.push_back(&operation);
    longest_ = std::max(longest_, latency_of(operation));
  }
  if (!std::ranges::is_sorted(operations_, invoked_earlier)) {
    std::ranges::sort(operations_, invoked_earlier);
  }
}

Operations OperationsByTime::invoked_in(TimeWindow window) const {
  const auto invoked_at = [](const OperationRecord* operation) { return operation->invoked_at; };
  const auto first = std::ranges::lower_bound(operations_, window.from, {}, invoked_at);
  const auto last = std::ranges::lower_bound(operations_, window.to, {}, invoked_at);
  return first < last ? Operations{first, last} : Operations{};
}

std::vector<const OperationRecord*> OperationsByTime::touching(TimeWindow window) const {
  const Operations before = invoked_in({.from = window.from - longest_, .to = window.from});
  const Operations invoked = invoked_in(window);
  std::vector<const OperationRecord*> touching;
  touching.reserve(before.size() + invoked.size());
  for (const OperationRecord* operation : before) {
    if (operation->ended_at >= window.from) {
      touching.push_back(operation);
    }
  }
  touching.insert(touching.end(), invoked.begin(), invoked.end());
  return touching;
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
