#include "chaos/measure/operations_summary.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "chaos/measure/measures.hpp"
#include "tests/chaos/made_record.hpp"

namespace windtunnel::chaos {
namespace {

/// Latencies of very different magnitudes, many of them equal.
Duration any_latency() {
  return Duration{*rc::gen::inRange(0, 1 << *rc::gen::inRange(1, 30))};
}

std::vector<OperationRecord> any_operations() {
  std::vector<OperationRecord> operations;
  for (int i = *rc::gen::inRange(0, 200); i > 0; --i) {
    operations.push_back(operation(
        Duration{*rc::gen::inRange(0, 100)}, any_latency(),
        *rc::gen::weightedElement<OperationOutcome>({{9, OperationOutcome::ok},
                                                     {1, OperationOutcome::failed},
                                                     {1, OperationOutcome::indeterminate},
                                                     {1, OperationOutcome::unfinished}})));
    operations.back().kind = *rc::gen::element(OperationKind::write, OperationKind::read);
    operations.back().client = HostId{*rc::gen::inRange(0U, 4U)};
  }
  return operations;
}

RC_GTEST_PROP(OperationsSummaryProperty, RanksLatenciesAsASortDoes, ()) {
  const std::vector<OperationRecord> operations = any_operations();
  const TimeWindow window{at(Duration{10}), at(Duration{90})};
  const Timed timed = *rc::gen::element(Timed::all, Timed::writes);

  const OperationsSummary summary =
      summary_of(OperationsByTime{operations}, window, {.patience = 1s, .timed = timed});

  std::vector<Duration> latencies;
  for (const OperationRecord& operation : operations) {
    if (window.contains(operation.invoked_at) && operation.outcome == OperationOutcome::ok &&
        (timed == Timed::all || operation.kind == OperationKind::write)) {
      latencies.push_back(latency_of(operation));
    }
  }
  RC_ASSERT(summary.timed == latencies.size());
  RC_PRE(!latencies.empty());
  RC_ASSERT(summary.latency.p50 == nearest_rank(latencies, 50));
  RC_ASSERT(summary.latency.p99 == nearest_rank(latencies, 99));
  RC_ASSERT(summary.latency.largest == nearest_rank(latencies, 100));
}

RC_GTEST_PROP(OperationsSummaryProperty, CountsWhatTheDefinitionsSay, ()) {
  const std::vector<OperationRecord> operations = any_operations();
  const TimeWindow window{at(Duration{10}), at(Duration{90})};
  const Duration patience = any_latency();

  const OperationsSummary summary =
      summary_of(OperationsByTime{operations}, window, {.patience = patience});

  OperationsSummary dumb;
  for (const OperationRecord& operation : operations) {
    const bool slow = latency_of(operation) > patience;
    const bool unfinished = operation.outcome == OperationOutcome::unfinished;
    const bool ok = operation.outcome == OperationOutcome::ok;
    const bool is_in_flight =
        operation.invoked_at < window.from && operation.ended_at >= window.from;
    const bool is_invoked = window.contains(operation.invoked_at);
    dumb.in_flight += is_in_flight ? 1 : 0;
    dumb.invoked += is_invoked ? 1 : 0;
    dumb.succeeded += is_invoked && ok ? 1 : 0;
    dumb.known += is_invoked && (!unfinished || slow) ? 1 : 0;
    dumb.ended += is_invoked && !unfinished ? 1 : 0;
    dumb.attempts += is_invoked && !unfinished ? operation.attempts : 0;
    if (is_invoked || is_in_flight) {
      dumb.slowest = std::max(dumb.slowest, latency_of(operation));
      if (slow || (!ok && !unfinished)) {
        dumb.bad.from = std::min(dumb.bad.from, operation.invoked_at);
        dumb.bad.to = std::max(dumb.bad.to, operation.ended_at);
      }
    }
  }
  RC_ASSERT(summary.in_flight == dumb.in_flight);
  RC_ASSERT(summary.invoked == dumb.invoked);
  RC_ASSERT(summary.succeeded == dumb.succeeded);
  RC_ASSERT(summary.known == dumb.known);
  RC_ASSERT(summary.ended == dumb.ended);
  RC_ASSERT(summary.attempts == dumb.attempts);
  RC_ASSERT(summary.slowest == dumb.slowest);
  RC_ASSERT(summary.bad.from == dumb.bad.from);
  RC_ASSERT(summary.bad.to == dumb.bad.to);
}

/// All measures of a run whose store and only service have these operations.
MeasureTable table_of(const std::vector<OperationRecord>& operations) {
  RunRecord record = steady_record(1s);
  record.operations = operations;
  record.services.push_back({"shop", Duration{1000}, operations, {cp_a, cp_b}});
  record.ended_at = at(Duration{1000});
  record.faults.push_back(strike("first", Duration{20}, Duration{40}));
  record.faults.push_back(strike("second", Duration{60}, Duration{70}));
  const RecoveryOptions options{
      .window = Duration{5},
      .sustain = Duration{10},
      .steady = Duration{20},
      .balance = {.window = Duration{5}, .sustain = Duration{10}},
  };
  return Measures{record, {.recovery = options, .client_timeout = Duration{1000}}}.table();
}

// A client that was paused makes its requests when it goes on, as of when they were due.
RC_GTEST_PROP(MeasuresProperty, DoNotDependOnTheOrderOfTheRecord, ()) {
  std::vector<OperationRecord> operations = any_operations();
  for (OperationRecord& operation : operations) {
    operation.picked = *rc::gen::element(cp_a, cp_b, kNobody);
  }
  const MeasureTable as_they_came = table_of(operations);
  std::ranges::stable_sort(operations, {}, &OperationRecord::invoked_at);
  const MeasureTable in_order = table_of(operations);

  RC_ASSERT(as_they_came.rows().size() == in_order.rows().size());
  for (std::size_t i = 0; i < in_order.rows().size(); ++i) {
    RC_ASSERT(as_they_came.rows()[i].key == in_order.rows()[i].key);
    RC_ASSERT(as_they_came.rows()[i].value == in_order.rows()[i].value);
  }
}

}  // namespace
}  // namespace windtunnel::chaos
