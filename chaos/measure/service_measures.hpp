// The measures of one service's requests, as its clients saw them. Names stand without the service:
// "availability", "latency.p99".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chaos/measure/fault_group.hpp"
#include "chaos/measure/measure_value.hpp"
#include "chaos/measure/operations_by_time.hpp"
#include "chaos/measure/operations_summary.hpp"
#include "chaos/measure/per_window.hpp"
#include "chaos/measure/pick_target.hpp"
#include "chaos/measure/record.hpp"
#include "chaos/measure/recovery_options.hpp"

namespace windtunnel::chaos {

/// What is known of the requests of one window.
struct RequestsInWindow {
  OperationsSummary summary;
  MeasureValue balance;
  MeasureValue jain;
};

/// Refers to the record it was made from, which must outlive it. What it finds out about a window
/// it remembers: not for several threads at a time.
class ServiceMeasures {
 public:
  ServiceMeasures(const ServiceRecord& record, const std::vector<FaultRecord>& faults,
                  TimeWindow steady, const RecoveryOptions& recovery);

  [[nodiscard]] const std::string& service() const { return record_->name; }
  [[nodiscard]] const OperationsByTime& requests() const { return requests_; }
  /// The largest p99 latency of any window of the steady stretch; see baseline_latency().
  [[nodiscard]] std::optional<Duration> baseline() const { return baseline_; }

  /// A measure of the catalogue of services; any other name is a programmer's mistake. So below.
  [[nodiscard]] MeasureValue after(std::string_view measure, const FaultGroup& fault,
                                   TrueInstant run_ended_at) const;
  [[nodiscard]] MeasureValue in_window(std::string_view measure, TimeWindow window,
                                       std::optional<Duration> fault_length) const;

 private:
  /// "reversion" and "reversion.outage", which begin where the fault ends.
  [[nodiscard]] MeasureValue after_end(std::string_view measure, const FaultGroup& fault) const;
  [[nodiscard]] RequestsInWindow look_at(TimeWindow window) const;
  [[nodiscard]] const RequestsInWindow& known_of(TimeWindow window) const;

  const ServiceRecord* record_;
  RecoveryOptions recovery_;
  OperationsByTime requests_;
  TimeWindow steady_;
  PickTarget target_;
  std::optional<Duration> baseline_;
  mutable PerWindow<RequestsInWindow> windows_;
};

}  // namespace windtunnel::chaos
