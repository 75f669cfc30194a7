// The measures of one run: every quantity that measures_catalogue.hpp names, computed from the
// record alone. What they are held against is judgement.hpp's business.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "chaos/measure/fault_group.hpp"
#include "chaos/measure/measure_value.hpp"
#include "chaos/measure/measures_catalogue.hpp"
#include "chaos/measure/measures_table.hpp"
#include "chaos/measure/operations_by_time.hpp"
#include "chaos/measure/operations_summary.hpp"
#include "chaos/measure/per_window.hpp"
#include "chaos/measure/record.hpp"
#include "chaos/measure/recovery_chain.hpp"
#include "chaos/measure/recovery_options.hpp"
#include "chaos/measure/replication_index.hpp"
#include "chaos/measure/service_measures.hpp"
#include "chaos/measure/succession.hpp"

namespace windtunnel::chaos {

struct MeasureOptions {
  RecoveryOptions recovery;

  /// An operation that took longer is bad for `outage`, however it ended.
  Duration client_timeout = std::chrono::milliseconds{300};
};

/// What is known of one fault once its recovery has been found.
struct FaultMeasures {
  FaultGroup group;
  Succession succession;
  MeasureValue recovery_time;
  RecoveryChain chain;
  std::optional<TrueInstant> first_success_at;  ///< Of an operation invoked after the fault.
};

/// Refers to the record it was made from, which must outlive it. Making one costs O(n) in the
/// operations where they are in order, else O(n log n), and O(n) per fault. What it finds out about
/// a window it remembers: not for several threads at a time.
class Measures {
 public:
  Measures(const RunRecord& record, const MeasureOptions& options);

  /// By injected_at.
  [[nodiscard]] const std::vector<FaultMeasures>& faults() const { return faults_; }
  [[nodiscard]] const FaultMeasures* find_fault(std::string_view id) const;

  /// The stretch before the first fault that baselines and gates are taken from.
  [[nodiscard]] TimeWindow steady() const { return steady_; }
  [[nodiscard]] std::optional<Duration> baseline() const { return baseline_; }
  [[nodiscard]] TimeWindow whole_run() const;

  [[nodiscard]] const OperationsByTime& operations() const { return operations_; }
  /// By service, in the order of the record.
  [[nodiscard]] const std::vector<ServiceMeasures>& services() const { return services_; }

  /// A measure after a fault; one that has no value per fault is a programmer's mistake. So below.
  /// Names are full ones. A service without a record gives no evidence.
  [[nodiscard]] MeasureValue after(std::string_view measure, const FaultMeasures& fault) const;
  [[nodiscard]] MeasureValue over_run(std::string_view measure) const;

  /// A windowed measure over any stretch of the run. `fault_length` censors max_op_latency.
  [[nodiscard]] MeasureValue in_window(std::string_view measure, TimeWindow window,
                                       std::optional<Duration> fault_length = {}) const;

  /// All of them: measure by measure, the whole run first, then fault by fault.
  [[nodiscard]] MeasureTable table() const;

 private:
  [[nodiscard]] MeasureValue of_replication(std::string_view measure, TimeWindow window) const;
  void add_rows(MeasureTable& table, const MeasureInfo& info, const std::string& name) const;
  [[nodiscard]] FaultMeasures measure_fault(const FaultGroup& group) const;

  const RunRecord* record_;
  MeasureOptions options_;
  OperationsByTime operations_;
  TimeWindow steady_;
  std::optional<Duration> baseline_;
  [[nodiscard]] const ServiceMeasures* find_service(std::string_view service) const;

  std::vector<FaultMeasures> faults_;
  std::vector<ServiceMeasures> services_;
  std::optional<ReplicationIndex> replication_;
  mutable PerWindow<OperationsSummary> summaries_;
};

}  // namespace windtunnel::chaos
