#include "chaos/measure/measures.hpp"

#include <algorithm>
#include <array>

#include "chaos/measure/address_measures.hpp"
#include "chaos/measure/endpoint_measures.hpp"
#include "chaos/measure/gate_measures.hpp"
#include "chaos/measure/gossip_measures.hpp"
#include "chaos/measure/identity_measures.hpp"
#include "chaos/measure/measures_catalogue.hpp"
#include "chaos/measure/measures_durability.hpp"
#include "chaos/measure/measures_operations.hpp"
#include "chaos/measure/policy_measures.hpp"
#include "chaos/measure/recovery.hpp"
#include "chaos/measure/replication_measures.hpp"
#include "chaos/measure/rollout_measures.hpp"
#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

struct WindowView {
  const OperationsByTime& operations;
  const OperationsSummary& summary;  ///< Of the window.
  TimeWindow window;
  Duration client_timeout;
  std::optional<Duration> fault_length;
};

template <typename View>
struct Formula {
  std::string_view name;
  MeasureValue (*measure)(const View&);
};

constexpr std::array window_formulas{
    Formula<WindowView>{"control_plane.outage",
                        [](const WindowView& w) { return outage(w.summary, w.window.from); }},
    Formula<WindowView>{"control_plane.outage.worst_client",
                        [](const WindowView& w) {
                          return worst_client_outage(w.operations, w.window, w.client_timeout);
                        }},
    Formula<WindowView>{
        "control_plane.max_op_latency",
        [](const WindowView& w) { return max_op_latency(w.summary, w.fault_length); }},
    Formula<WindowView>{"control_plane.availability",
                        [](const WindowView& w) { return availability(w.summary); }},
    Formula<WindowView>{
        "control_plane.write_latency.p50",
        [](const WindowView& w) { return write_latency(w.summary, &LatencyRanks::p50); }},
    Formula<WindowView>{
        "control_plane.write_latency.p99",
        [](const WindowView& w) { return write_latency(w.summary, &LatencyRanks::p99); }},
    Formula<WindowView>{
        "control_plane.write_latency.max",
        [](const WindowView& w) { return write_latency(w.summary, &LatencyRanks::largest); }},
    Formula<WindowView>{"control_plane.indeterminate",
                        [](const WindowView& w) { return indeterminate(w.summary); }},
};

struct FaultView {
  const FaultMeasures& fault;
  const RunRecord& record;
  Operations invoked;
};

MeasureValue effective_at(const FaultView& view) {
  const FaultGroup& group = view.fault.group;
  if (!group.effective_at) {
    return no_evidence("the fault touched nothing");
  }
  return measured(group.effective_at->time_since_epoch(), group.touched);
}

template <std::size_t Index>
MeasureValue chain_part(const FaultView& view) {
  MeasureValue value = view.fault.recovery_time;
  if (view.fault.chain.recovered) {
    value.what = view.fault.chain.parts[Index].length;
  }
  return value;
}

constexpr std::array fault_formulas{
    Formula<FaultView>{"fault.injected_at",
                       [](const FaultView& v) {
                         return measured(v.fault.group.injected_at.time_since_epoch(),
                                         v.fault.group.strikes.size());
                       }},
    Formula<FaultView>{"fault.effective_at", effective_at},
    Formula<FaultView>{"control_plane.recovery_time",
                       [](const FaultView& v) { return v.fault.recovery_time; }},
    Formula<FaultView>{"control_plane.recovery_time.detect", chain_part<0>},
    Formula<FaultView>{"control_plane.recovery_time.elect", chain_part<1>},
    Formula<FaultView>{"control_plane.recovery_time.propagate", chain_part<2>},
    Formula<FaultView>{"control_plane.recovery_time.reconnect", chain_part<3>},
    Formula<FaultView>{"control_plane.recovery_time.sustain", chain_part<4>},
    Formula<FaultView>{"control_plane.detection_time",
                       [](const FaultView& v) { return detection_time(v.fault.succession); }},
    Formula<FaultView>{"control_plane.election_time",
                       [](const FaultView& v) { return election_time(v.fault.succession); }},
    Formula<FaultView>{"control_plane.leaderless",
                       [](const FaultView& v) { return leaderless(v.fault.succession); }},
    Formula<FaultView>{
        "control_plane.first_success",
        [](const FaultView& v) { return first_success(v.invoked, v.fault.group.injected_at); }},
    Formula<FaultView>{"control_plane.terms_advanced",
                       [](const FaultView& v) { return terms_advanced(v.fault.succession); }},
    Formula<FaultView>{"control_plane.split_votes",
                       [](const FaultView& v) { return split_votes(v.fault.succession); }},
    Formula<FaultView>{
        "control_plane.lost_acked",
        [](const FaultView& v) { return lost_acked_around(v.fault.group, v.record.final_reads); }},
    Formula<FaultView>{
        "control_plane.rpo_time",
        [](const FaultView& v) { return rpo_time(v.fault.group, v.record.final_reads); }},
};

constexpr std::array run_formulas{
    Formula<RunRecord>{"control_plane.indeterminate_visible",
                       [](const RunRecord& r) { return indeterminate_visible(r.final_reads); }},
    Formula<RunRecord>{"control_plane.lost_acked",
                       [](const RunRecord& r) { return lost_acked(r.final_reads); }},
    Formula<RunRecord>{"virtual_address.two_holders",
                       [](const RunRecord& r) {
                         return two_holders(r, {TrueInstant{}, r.ended_at});
                       }},
    Formula<RunRecord>{"virtual_address.no_holder",
                       [](const RunRecord& r) {
                         return no_holder(r, {TrueInstant{}, r.ended_at});
                       }},
    Formula<RunRecord>{"gossip.false_deaths",
                       [](const RunRecord& r) {
                         return false_deaths(r, {TrueInstant{}, r.ended_at});
                       }},
    Formula<RunRecord>{"run.messages", [](const RunRecord& r) { return measured(r.messages, 1); }},
    Formula<RunRecord>{"run.events", [](const RunRecord& r) { return measured(r.events, 1); }},
};

template <typename View, std::size_t Size>
const Formula<View>* find_formula(const std::array<Formula<View>, Size>& formulas,
                                  std::string_view name) {
  const auto* const found = std::ranges::find(formulas, name, &Formula<View>::name);
  return found == formulas.end() ? nullptr : found;
}

/// What a family of measures needs in the record before any of them can be asked for.
struct Evidence {
  std::string_view family;
  bool (*is_in)(const RunRecord&);
};

constexpr std::array<Evidence, 5> kEvidence{{
    {"replication.", [](const RunRecord& record) { return record.replication.has_value(); }},
    {"gossip.", [](const RunRecord& record) { return !record.gossip_members.empty(); }},
    {"virtual_address.", [](const RunRecord& record) { return !record.addresses.empty(); }},
    {"identity.", [](const RunRecord& record) { return !record.certificates.empty(); }},
    {"gate.", [](const RunRecord& record) { return !record.gate_bundles.empty(); }},
}};

/// Measures of what one kind of timeline entry sets off.
struct Consequence {
  std::string_view family;
  std::string_view fault_kind;
};

constexpr std::array<Consequence, 3> kConsequences{{
    {"policy.", "policy"},
    {"rollout.", "canary"},
    {"rotation.", "rotate_root"},
}};

bool may_arise(const MeasureInfo& info, const RunRecord& record) {
  return std::all_of(kEvidence.begin(), kEvidence.end(), [&](const Evidence& evidence) {
    return !info.name.starts_with(evidence.family) || evidence.is_in(record);
  });
}

bool may_follow(const MeasureInfo& info, std::string_view fault_kind, const RunRecord& record) {
  if (info.name.starts_with("endpoints.") && record.enrolments.empty()) {
    return false;
  }
  return std::all_of(kConsequences.begin(), kConsequences.end(), [&](const Consequence& of) {
    return !info.name.starts_with(of.family) || of.fault_kind == fault_kind;
  });
}

}  // namespace

Measures::Measures(const RunRecord& record, const MeasureOptions& options)
    : record_(&record), options_(options), operations_(record.operations) {
  const std::vector<FaultGroup> groups = fault_groups(record);
  steady_ = steady_window(record, groups, options.recovery.steady);
  baseline_ = baseline_latency(operations_, steady_, options.recovery.window);
  for (const FaultGroup& group : groups) {
    faults_.push_back(measure_fault(group));
  }
  for (const ServiceRecord& service : record.services) {
    services_.emplace_back(service, record.faults, steady_, options.recovery);
  }
  if (record.replication) {
    replication_.emplace(*record.replication);
  }
}

FaultMeasures Measures::measure_fault(const FaultGroup& group) const {
  FaultMeasures fault{.group = group,
                      .succession = succession_after(group, *record_),
                      .recovery_time = chaos::recovery_time(operations_, group.window, baseline_,
                                                            options_.recovery),
                      .chain = {},
                      .first_success_at = first_success_at(operations_.invoked_in(group.window))};
  fault.chain =
      recovery_chain(group, fault.succession, fault.first_success_at, fault.recovery_time);
  return fault;
}

const FaultMeasures* Measures::find_fault(std::string_view id) const {
  const auto found = std::ranges::find_if(
      faults_, [&](const FaultMeasures& fault) { return fault.group.id == id; });
  return found == faults_.end() ? nullptr : &*found;
}

TimeWindow Measures::whole_run() const {
  const TrueInstant start = std::min(TrueInstant{}, record_->ended_at);
  return {.from = start, .to = record_->ended_at};
}

const ServiceMeasures* Measures::find_service(std::string_view service) const {
  const auto found = std::ranges::find_if(
      services_, [&](const ServiceMeasures& measures) { return measures.service() == service; });
  return found == services_.end() ? nullptr : &*found;
}

MeasureValue Measures::after(std::string_view measure, const FaultMeasures& fault) const {
  if (const auto name = find_service_measure(measure)) {
    const ServiceMeasures* const service = find_service(name->service);
    return service == nullptr ? no_evidence("nobody asked this service")
                              : service->after(name->info->name, fault.group, record_->ended_at);
  }
  if (measure.starts_with("policy.")) {
    return policy_measure(*record_, measure, fault.group.id);
  }
  if (measure.starts_with("endpoints.")) {
    return endpoint_measure(*record_, measure, fault.group);
  }
  if (measure.starts_with("rollout.")) {
    return rollout_measure(*record_, measure, fault.group.id);
  }
  if (measure == "replication.convergence_time" && replication_) {
    return replication_convergence(*replication_, fault.group, record_->ended_at);
  }
  if (measure.starts_with("gossip.")) {
    return gossip_measure(*record_, measure, fault.group);
  }
  if (measure.starts_with("virtual_address.")) {
    return address_measure(*record_, measure, fault.group);
  }
  if (measure.starts_with("rotation.")) {
    return rotation_measure(*record_, measure, fault.group.id);
  }
  if (const auto* formula = find_formula(fault_formulas, measure)) {
    return formula->measure({.fault = fault,
                             .record = *record_,
                             .invoked = operations_.invoked_in(fault.group.window)});
  }
  return in_window(measure, fault.group.window, fault.group.during(record_->ended_at).length());
}

MeasureValue Measures::over_run(std::string_view measure) const {
  if (const auto* formula = find_formula(run_formulas, measure)) {
    return formula->measure(*record_);
  }
  return in_window(measure, whole_run());
}

MeasureValue Measures::of_replication(std::string_view measure, TimeWindow window) const {
  return replication_ ? replication_measure(*replication_, measure, window)
                      : not_applicable("the scenario has no replicas");
}

MeasureValue Measures::in_window(std::string_view measure, TimeWindow window,
                                 std::optional<Duration> fault_length) const {
  if (measure.starts_with("replication.")) {
    return of_replication(measure, window);
  }
  if (const auto name = find_service_measure(measure)) {
    const ServiceMeasures* const service = find_service(name->service);
    return service == nullptr ? no_evidence("nobody asked this service")
                              : service->in_window(name->info->name, window, fault_length);
  }
  if (measure.starts_with("identity.")) {
    return identity_measure(*record_, measure, window);
  }
  if (measure.starts_with("gate.")) {
    return gate_measure(*record_, measure, window);
  }
  const auto* formula = find_formula(window_formulas, measure);
  check(formula != nullptr, "this measure is not defined over a window");
  const OperationsSummary& summary = summaries_.in(window, [&] {
    return summary_of(operations_, window,
                      {.patience = options_.client_timeout, .timed = Timed::writes});
  });
  return formula->measure({.operations = operations_,
                           .summary = summary,
                           .window = window,
                           .client_timeout = options_.client_timeout,
                           .fault_length = fault_length});
}

void Measures::add_rows(MeasureTable& table, const MeasureInfo& info,
                        const std::string& name) const {
  if (!may_arise(info, *record_)) {
    return;
  }
  if (info.whole_run) {
    table.set({.measure = name, .window = {}}, over_run(name));
  }
  for (const FaultMeasures& fault : faults_) {
    if (info.per_fault && may_follow(info, fault.group.kind, *record_)) {
      table.set({.measure = name, .window = fault.group.id}, after(name, fault));
    }
  }
}

MeasureTable Measures::table() const {
  MeasureTable table;
  for (const MeasureInfo& info : measure_catalogue()) {
    add_rows(table, info, std::string{info.name});
  }
  for (const ServiceMeasures& service : services_) {
    for (const MeasureInfo& info : service_measure_catalogue()) {
      add_rows(table, info, service.service() + "." + std::string{info.name});
    }
  }
  return table;
}

}  // namespace windtunnel::chaos
