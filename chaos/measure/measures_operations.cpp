#include "chaos/measure/measures_operations.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace windtunnel::chaos {

namespace {

MeasureValue no_operations() {
  return no_evidence("no operation was invoked in the window");
}

/// From `from` at the earliest; of `n` operations.
MeasureValue outage_of(const BadStretch& bad, std::uint64_t n, TrueInstant from) {
  if (bad.is_empty()) {
    return measured(Duration::zero(), n);
  }
  const Duration length = bad.to - std::max(bad.from, from);
  return bad.is_hung ? censored("operations still hung when the run ended", n, length)
                     : measured(length, n);
}

struct ClientsOperations {
  std::uint64_t count = 0;
  BadStretch bad;

  void add(const OperationRecord& operation, Duration patience) {
    ++count;
    if (is_bad(operation, patience)) {
      bad.add(operation);
    }
  }
};

}  // namespace

MeasureValue availability(const OperationsSummary& summary) {
  if (summary.known == 0) {
    return no_operations();
  }
  return measured(Ratio::of(summary.succeeded, summary.known), summary.known);
}

MeasureValue write_latency(const OperationsSummary& summary, Duration LatencyRanks::*rank) {
  return summary.timed == 0 ? no_evidence("no write succeeded in the window")
                            : measured(summary.latency.*rank, summary.timed);
}

MeasureValue latency(const OperationsSummary& summary, Duration LatencyRanks::*rank) {
  return summary.timed == 0 ? no_evidence("no request succeeded in the window")
                            : measured(summary.latency.*rank, summary.timed);
}

MeasureValue attempts(const OperationsSummary& summary) {
  if (summary.ended == 0) {
    return no_operations();
  }
  return measured(Ratio::of(summary.attempts, summary.ended), summary.ended);
}

MeasureValue indeterminate(const OperationsSummary& summary) {
  if (summary.invoked == 0) {
    return no_operations();
  }
  return measured(Count{summary.indeterminate}, summary.invoked);
}

MeasureValue outage(const OperationsSummary& summary, TrueInstant from) {
  return summary.touching() == 0 ? no_operations()
                                 : outage_of(summary.bad, summary.touching(), from);
}

MeasureValue worst_client_outage(const OperationsByTime& operations, TimeWindow window,
                                 Duration client_timeout) {
  std::map<HostId, ClientsOperations> by_client;
  for (const OperationRecord& operation : operations.in_flight_at(window.from)) {
    by_client[operation.client].add(operation, client_timeout);
  }
  for (const OperationRecord& operation : operations.invoked_in(window)) {
    by_client[operation.client].add(operation, client_timeout);
  }
  MeasureValue longest = no_operations();
  for (const auto& [client, own] : by_client) {
    MeasureValue value = outage_of(own.bad, own.count, window.from);
    if (value.is_censored()) {
      return value;
    }
    if (longest.amount() == nullptr || *value.amount() > *longest.amount()) {
      longest = std::move(value);
    }
  }
  return longest;
}

MeasureValue max_op_latency(const OperationsSummary& summary,
                            std::optional<Duration> fault_length) {
  const std::uint64_t n = summary.touching();
  if (n == 0) {
    return no_operations();
  }
  if (summary.is_slowest_unfinished) {
    return censored("the slowest operation had not ended when the run did", n, summary.slowest);
  }
  if (fault_length && *fault_length > Duration::zero() && summary.slowest >= *fault_length) {
    return censored("the slowest operation took as long as the fault lasted", n, *fault_length);
  }
  return measured(summary.slowest, n);
}

std::optional<TrueInstant> first_success_at(Operations operations) {
  std::optional<TrueInstant> first;
  for (const OperationRecord& operation : operations) {
    if (first && operation.invoked_at >= *first) {
      break;  // Nothing ends before it is invoked.
    }
    if (operation.outcome == OperationOutcome::ok && (!first || operation.ended_at < *first)) {
      first = operation.ended_at;
    }
  }
  return first;
}

MeasureValue first_success(Operations operations, TrueInstant from) {
  if (operations.empty()) {
    return no_operations();
  }
  const std::optional<TrueInstant> first = first_success_at(operations);
  if (!first) {
    return censored("no operation invoked after the fault succeeded", operations.size());
  }
  return measured(*first - from, operations.size());
}

}  // namespace windtunnel::chaos
