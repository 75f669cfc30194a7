#include "chaos/measure/service_measures.hpp"

#include <algorithm>
#include <array>

#include "chaos/measure/balance_measures.hpp"
#include "chaos/measure/measures_operations.hpp"
#include "chaos/measure/recovery.hpp"
#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

struct RequestsView {
  const RequestsInWindow& requests;
  TimeWindow window;
  std::optional<Duration> fault_length;
};

struct Formula {
  std::string_view name;
  MeasureValue (*measure)(const RequestsView&);
};

constexpr std::array kFormulas{
    Formula{"availability", [](const RequestsView& v) { return availability(v.requests.summary); }},
    Formula{"latency.p50",
            [](const RequestsView& v) { return latency(v.requests.summary, &LatencyRanks::p50); }},
    Formula{"latency.p99",
            [](const RequestsView& v) { return latency(v.requests.summary, &LatencyRanks::p99); }},
    Formula{
        "latency.max",
        [](const RequestsView& v) { return latency(v.requests.summary, &LatencyRanks::largest); }},
    Formula{"outage",
            [](const RequestsView& v) { return outage(v.requests.summary, v.window.from); }},
    Formula{
        "max_op_latency",
        [](const RequestsView& v) { return max_op_latency(v.requests.summary, v.fault_length); }},
    Formula{"attempts", [](const RequestsView& v) { return attempts(v.requests.summary); }},
    Formula{"balance", [](const RequestsView& v) { return v.requests.balance; }},
    Formula{"balance.jain", [](const RequestsView& v) { return v.requests.jain; }},
};

}  // namespace

ServiceMeasures::ServiceMeasures(const ServiceRecord& record,
                                 const std::vector<FaultRecord>& faults, TimeWindow steady,
                                 const RecoveryOptions& recovery)
    : record_(&record),
      recovery_(recovery),
      requests_(record.requests),
      steady_(steady),
      target_(even_target(record.instances, faults)),
      baseline_(baseline_latency(requests_, steady, recovery.window)) {}

MeasureValue ServiceMeasures::after(std::string_view measure, const FaultGroup& fault,
                                    TrueInstant run_ended_at) const {
  if (measure == "recovery_time") {
    return recovery_time(requests_, fault.window, baseline_, recovery_);
  }
  if (measure == "first_success") {
    return first_success(requests_.invoked_in(fault.window), fault.injected_at);
  }
  if (measure == "balance_convergence") {
    return balance_convergence(requests_, target_, fault.window, recovery_.balance);
  }
  if (measure.starts_with("reversion")) {
    return after_end(measure, fault);
  }
  return in_window(measure, fault.window, fault.during(run_ended_at).length());
}

MeasureValue ServiceMeasures::after_end(std::string_view measure, const FaultGroup& fault) const {
  if (!fault.ended_at) {
    return not_applicable("the fault did not end");
  }
  const TimeWindow rest{std::min(*fault.ended_at, fault.window.to), fault.window.to};
  if (measure == "reversion.outage") {
    return outage(known_of(rest).summary, rest.from);
  }
  const PickTally before = tally_of(requests_.invoked_in(steady_), target_);
  if (before.all() == 0) {
    return no_evidence("no request was sent in the steady window");
  }
  return balance_convergence(requests_, fixed_target(record_->instances, before.counts()), rest,
                             recovery_.balance);
}

MeasureValue ServiceMeasures::in_window(std::string_view measure, TimeWindow window,
                                        std::optional<Duration> fault_length) const {
  const auto* const formula = std::ranges::find(kFormulas, measure, &Formula::name);
  check(formula != kFormulas.end(), "this measure of a service is not defined over a window");
  return formula->measure(
      {.requests = known_of(window), .window = window, .fault_length = fault_length});
}

const RequestsInWindow& ServiceMeasures::known_of(TimeWindow window) const {
  return windows_.in(window, [&] { return look_at(window); });
}

// One pass for all measures: a long run's requests do not fit any cache.
RequestsInWindow ServiceMeasures::look_at(TimeWindow window) const {
  OperationsSum sum{{.patience = record_->patience}};
  PickTally tally{target_};
  for (const OperationRecord& request : requests_.in_flight_at(window.from)) {
    sum.add_in_flight(request);
  }
  const Operations invoked = requests_.invoked_in(window);
  for (const OperationRecord& request : invoked) {
    sum.add(request);
    tally.add(request);
  }
  return {.summary = sum.summary(invoked),
          .balance = largest_over_fair(tally),
          .jain = jain_index(tally)};
}

}  // namespace windtunnel::chaos
