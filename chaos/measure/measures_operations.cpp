#include "chaos/measure/measures_operations.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace windtunnel::chaos {

namespace {

bool is_ok(const OperationRecord& operation) {
  return operation.outcome == OperationOutcome::ok;
}

bool is_unfinished(const OperationRecord& operation) {
  return operation.outcome == OperationOutcome::unfinished;
}

/// An unfinished operation younger than the timeout may still have become a success.
bool has_known_fate(const OperationRecord& operation, Duration client_timeout) {
  return !is_unfinished(operation) || latency_of(operation) > client_timeout;
}

bool is_bad(const OperationRecord& operation, Duration client_timeout) {
  const bool slow = latency_of(operation) > client_timeout;
  return slow || (!is_ok(operation) && !is_unfinished(operation));
}

MeasureValue no_operations() {
  return no_evidence("no operation was invoked in the window");
}

/// The largest latency needs no samples to be kept.
template <typename Counts>
MeasureValue largest(Operations operations, const Counts& counts, const char* why_none) {
  Duration largest{};
  std::uint64_t n = 0;
  for (const OperationRecord* operation : operations) {
    if (counts(*operation)) {
      largest = n == 0 ? latency_of(*operation) : std::max(largest, latency_of(*operation));
      ++n;
    }
  }
  return n == 0 ? no_evidence(why_none) : measured(largest, n);
}

/// Nearest rank of the latencies of those operations that count.
template <typename Counts>
MeasureValue percentile(Operations operations, unsigned percent, const Counts& counts,
                        const char* why_none) {
  if (percent == 100) {
    return largest(operations, counts, why_none);
  }
  std::vector<Duration> latencies;
  latencies.reserve(operations.size());
  for (const OperationRecord* operation : operations) {
    if (counts(*operation)) {
      latencies.push_back(latency_of(*operation));
    }
  }
  return latencies.empty() ? no_evidence(why_none)
                           : measured(nearest_rank(latencies, percent), latencies.size());
}

}  // namespace

MeasureValue availability(Operations operations, Duration client_timeout) {
  std::uint64_t known = 0;
  std::uint64_t succeeded = 0;
  for (const OperationRecord* operation : operations) {
    known += has_known_fate(*operation, client_timeout) ? 1U : 0U;
    succeeded += is_ok(*operation) ? 1U : 0U;
  }
  if (known == 0) {
    return no_operations();
  }
  return measured(Ratio::of(succeeded, known), known);
}

MeasureValue write_latency(Operations operations, unsigned percent) {
  const auto counts = [](const OperationRecord& operation) {
    return is_ok(operation) && operation.kind == OperationKind::write;
  };
  return percentile(operations, percent, counts, "no write succeeded in the window");
}

MeasureValue latency(Operations operations, unsigned percent) {
  return percentile(operations, percent, is_ok, "no request succeeded in the window");
}

MeasureValue attempts(Operations operations) {
  std::uint64_t ended = 0;
  std::uint64_t made = 0;
  for (const OperationRecord* operation : operations) {
    ended += is_unfinished(*operation) ? 0U : 1U;
    made += is_unfinished(*operation) ? 0U : operation->attempts;
  }
  if (ended == 0) {
    return no_operations();
  }
  return measured(Ratio::of(made, ended), ended);
}

MeasureValue indeterminate(Operations operations) {
  if (operations.empty()) {
    return no_operations();
  }
  const auto count = std::ranges::count_if(operations, [](const OperationRecord* operation) {
    return operation->outcome == OperationOutcome::indeterminate;
  });
  return measured(static_cast<Count>(count), operations.size());
}

MeasureValue outage(Operations operations, TrueInstant from, Duration client_timeout) {
  if (operations.empty()) {
    return no_operations();
  }
  const OperationRecord* last = nullptr;
  TrueInstant first_start = TrueInstant::max();
  for (const OperationRecord* operation : operations) {
    if (is_bad(*operation, client_timeout)) {
      first_start = std::min(first_start, std::max(operation->invoked_at, from));
      last = last == nullptr || operation->ended_at > last->ended_at ||
                     (operation->ended_at == last->ended_at && is_unfinished(*operation))
                 ? operation
                 : last;
    }
  }
  if (last == nullptr) {
    return measured(Duration::zero(), operations.size());
  }
  const Duration length = last->ended_at - first_start;
  if (is_unfinished(*last)) {
    return censored("operations still hung when the run ended", operations.size(), length);
  }
  return measured(length, operations.size());
}

MeasureValue worst_client_outage(Operations operations, TrueInstant from, Duration client_timeout) {
  if (operations.empty()) {
    return no_operations();
  }
  std::map<HostId, std::vector<const OperationRecord*>> by_client;
  for (const OperationRecord* operation : operations) {
    by_client[operation->client].push_back(operation);
  }
  std::optional<MeasureValue> longest;
  for (const auto& [client, own] : by_client) {
    MeasureValue value = outage(own, from, client_timeout);
    if (value.is_censored()) {
      return value;
    }
    if (!longest || *value.amount() > *longest->amount()) {
      longest = std::move(value);
    }
  }
  return *longest;
}

MeasureValue max_op_latency(Operations operations, std::optional<Duration> fault_length) {
  if (operations.empty()) {
    return no_operations();
  }
  const auto* const slowest = *std::ranges::max_element(
      operations, {}, [](const OperationRecord* operation) { return latency_of(*operation); });
  const Duration latency = latency_of(*slowest);
  if (is_unfinished(*slowest)) {
    return censored("the slowest operation had not ended when the run did", operations.size(),
                    latency);
  }
  if (fault_length && *fault_length > Duration::zero() && latency >= *fault_length) {
    return censored("the slowest operation took as long as the fault lasted", operations.size(),
                    *fault_length);
  }
  return measured(latency, operations.size());
}

std::optional<TrueInstant> first_success_at(Operations operations) {
  std::optional<TrueInstant> first;
  for (const OperationRecord* operation : operations) {
    if (is_ok(*operation) && (!first || operation->ended_at < *first)) {
      first = operation->ended_at;
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
