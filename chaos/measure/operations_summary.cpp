#include "chaos/measure/operations_summary.hpp"

#include <algorithm>
#include <vector>

namespace windtunnel::chaos {

namespace {

Duration nth_of(std::vector<Duration>& latencies, std::uint64_t rank) {
  const auto nth = latencies.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::ranges::nth_element(latencies, nth);
  return *nth;
}

}  // namespace

void BadStretch::add(const OperationRecord& bad) {
  const bool is_unfinished = bad.outcome == OperationOutcome::unfinished;
  from = std::min(from, bad.invoked_at);
  if (bad.ended_at >= to) {
    is_hung = is_unfinished || (bad.ended_at == to && is_hung);
    to = bad.ended_at;
  }
}

OperationsSummary OperationsSum::summary(Operations invoked) const {
  const auto with = [&](OperationOutcome outcome) {
    return by_outcome_[static_cast<std::size_t>(outcome)];
  };
  OperationsSummary summary = summary_;
  summary.invoked = invoked.size();
  summary.succeeded = with(OperationOutcome::ok);
  summary.indeterminate = with(OperationOutcome::indeterminate);
  summary.ended = summary.invoked - with(OperationOutcome::unfinished);
  summary.known += summary.ended;
  summary.timed = latencies_.all();
  if (summary.timed == 0) {
    return summary;
  }
  const RankPlace p50 = latencies_.place_of(50);
  const RankPlace p99 = latencies_.place_of(99);
  std::vector<Duration> near_p50;
  std::vector<Duration> near_p99;
  near_p50.reserve(p50.count);
  near_p99.reserve(p99.count);
  for (const OperationRecord& operation : invoked) {
    const Duration latency = latency_of(operation);
    if (p50.magnitude.contains(latency) && is_timed(operation)) {
      near_p50.push_back(latency);
    }
    if (p99.magnitude.contains(latency) && is_timed(operation)) {
      near_p99.push_back(latency);
    }
  }
  summary.latency.p50 = nth_of(near_p50, p50.rank);
  summary.latency.p99 = nth_of(near_p99, p99.rank);
  return summary;
}

OperationsSummary summary_of(const OperationsByTime& operations, TimeWindow window,
                             const SummaryOptions& options) {
  OperationsSum sum{options};
  for (const OperationRecord& operation : operations.in_flight_at(window.from)) {
    sum.add_in_flight(operation);
  }
  const Operations invoked = operations.invoked_in(window);
  for (const OperationRecord& operation : invoked) {
    sum.add(operation);
  }
  return sum.summary(invoked);
}

}  // namespace windtunnel::chaos
