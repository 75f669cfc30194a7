#include "chaos/measure/service_measures.hpp"

#include <algorithm>
#include <array>

#include "chaos/measure/measures_operations.hpp"
#include "chaos/measure/recovery.hpp"
#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

struct RequestsView {
  Operations invoked;   ///< In the window.
  Operations touching;  ///< These, and those in flight when it opened.
  TrueInstant from;
  Duration patience;
  std::optional<Duration> fault_length;
};

struct Formula {
  std::string_view name;
  MeasureValue (*measure)(const RequestsView&);
};

constexpr std::array kFormulas{
    Formula{"availability",
            [](const RequestsView& v) { return availability(v.invoked, v.patience); }},
    Formula{"latency.p50", [](const RequestsView& v) { return latency(v.invoked, 50); }},
    Formula{"latency.p99", [](const RequestsView& v) { return latency(v.invoked, 99); }},
    Formula{"latency.max", [](const RequestsView& v) { return latency(v.invoked, 100); }},
    Formula{"outage", [](const RequestsView& v) { return outage(v.touching, v.from, v.patience); }},
    Formula{"max_op_latency",
            [](const RequestsView& v) { return max_op_latency(v.touching, v.fault_length); }},
    Formula{"attempts", [](const RequestsView& v) { return attempts(v.invoked); }},
};

}  // namespace

ServiceMeasures::ServiceMeasures(const ServiceRecord& record, TimeWindow steady,
                                 const RecoveryOptions& recovery)
    : record_(&record),
      recovery_(recovery),
      requests_(record.requests),
      baseline_(baseline_latency(requests_, steady, recovery.window)) {}

MeasureValue ServiceMeasures::after(std::string_view measure, const FaultGroup& fault,
                                    TrueInstant run_ended_at) const {
  if (measure == "recovery_time") {
    return recovery_time(requests_, fault.window, baseline_, recovery_);
  }
  if (measure == "first_success") {
    return first_success(requests_.invoked_in(fault.window), fault.injected_at);
  }
  return in_window(measure, fault.window, fault.during(run_ended_at).length());
}

MeasureValue ServiceMeasures::in_window(std::string_view measure, TimeWindow window,
                                        std::optional<Duration> fault_length) const {
  const auto* const formula = std::ranges::find(kFormulas, measure, &Formula::name);
  check(formula != kFormulas.end(), "this measure of a service is not defined over a window");
  const std::vector<const OperationRecord*> touching = requests_.touching(window);
  return formula->measure({.invoked = requests_.invoked_in(window),
                           .touching = touching,
                           .from = window.from,
                           .patience = record_->patience,
                           .fault_length = fault_length});
}

}  // namespace windtunnel::chaos
