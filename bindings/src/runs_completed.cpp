// Running a plan, and what its judgement says, as plain Python values.

#include <array>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include "bindings/src/runs.hpp"
#include "chaos/measure/measures_catalogue.hpp"
#include "chaos/report/report.hpp"
#include "chaos/report/report_json.hpp"
#include "chaos/run/runner.hpp"
#include "chaos/run/wire_names.hpp"

namespace windtunnel::bindings {

namespace {

double seconds_at(TrueInstant at) {
  return chaos::seconds_of(at.time_since_epoch());
}

/// Seconds since the start, or None.
py::object seconds_at(const std::optional<TrueInstant>& at) {
  return at ? py::cast(seconds_at(*at)) : py::none();
}

py::object number_of(const std::optional<chaos::Amount>& amount) {
  return amount ? py::cast(chaos::number_of(*amount)) : py::none();
}

std::string host_name(const CompletedRun& run, HostId host) {
  return run.record.host_names.at(host.value());
}

py::list names_of(const CompletedRun& run, const std::vector<HostId>& hosts) {
  py::list names;
  for (const HostId host : hosts) {
    names.append(host_name(run, host));
  }
  return names;
}

py::list strikes_of(const CompletedRun& run) {
  py::list strikes;
  for (const chaos::FaultRecord& fault : run.record.faults) {
    py::dict row;
    row["id"] = fault.id;
    row["kind"] = fault.kind;
    row["targets"] = names_of(run, fault.targets);
    row["detail"] = fault.detail;
    row["injected_at"] = seconds_at(fault.injected_at);
    row["effective_at"] = seconds_at(fault.effective_at);
    row["ended_at"] = seconds_at(fault.ended_at);
    row["touched"] = fault.touched;
    strikes.append(row);
  }
  return strikes;
}

py::list chain_of(const chaos::RecoveryChain& chain) {
  py::list parts;
  for (const chaos::ChainPart& part : chain.parts) {
    py::dict row;
    row["phase"] = std::string{part.name};
    row["seconds"] = chaos::seconds_of(part.length);
    row["note"] = std::string{to_string(part.note)};
    parts.append(row);
  }
  return parts;
}

std::optional<TrueInstant> restored_at(const chaos::FaultMeasures& fault) {
  const chaos::Amount* const recovery = fault.recovery_time.amount();
  return recovery == nullptr
             ? std::nullopt
             : std::optional{fault.group.injected_at + std::get<Duration>(*recovery)};
}

/// One row per timeline entry that struck, with what followed.
py::list recoveries_of(const CompletedRun& run) {
  py::list recoveries;
  for (const chaos::FaultMeasures& fault : run.judgement.faults) {
    py::dict row;
    row["id"] = fault.group.id;
    row["injected_at"] = seconds_at(fault.group.injected_at);
    row["ended_at"] = seconds_at(fault.group.ended_at);
    row["first_commit_at"] = seconds_at(fault.succession.first_new_commit);
    row["first_success_at"] = seconds_at(fault.first_success_at);
    row["restored_at"] = seconds_at(restored_at(fault));
    row["recovered"] = fault.chain.recovered;
    row["chain"] = chain_of(fault.chain);
    recoveries.append(row);
  }
  return recoveries;
}

py::list measures_of(const CompletedRun& run) {
  py::list measures;
  for (const chaos::MeasureRow& measure : run.judgement.table.rows()) {
    py::dict row = dict_of(measure.value);
    row["name"] = measure.key.name();
    row["unit"] = unit_of_measure(measure.key.measure);
    measures.append(row);
  }
  return measures;
}

py::list expectations_of(const CompletedRun& run) {
  py::list expectations;
  for (const chaos::Evaluation& evaluation : run.judgement.evaluations) {
    py::dict row = dict_of(evaluation.observed);
    row["name"] = evaluation.name;
    row["that"] = evaluation.expectation.that;
    row["kind"] = std::string{to_string(evaluation.expectation.kind)};
    row["bound"] = evaluation.bound_text();
    row["observed"] = to_text(evaluation.observed);
    row["unit"] = unit_of_measure(evaluation.expectation.that);
    row["from"] = evaluation.window ? py::cast(seconds_at(evaluation.window->from)) : py::none();
    row["to"] = evaluation.window ? py::cast(seconds_at(evaluation.window->to)) : py::none();
    row["verdict"] = std::string{to_string(evaluation.verdict)};
    row["explanation"] = evaluation.explanation;
    expectations.append(row);
  }
  return expectations;
}

/// What few runs have many of: (seconds, what, host or None, subject, detail).
py::list occurrences_of(const CompletedRun& run) {
  py::list rows;
  const auto add = [&](TrueInstant at, const char* what, const std::optional<HostId>& host,
                       const std::string& subject, const std::string& detail) {
    rows.append(py::make_tuple(seconds_at(at), what,
                               host ? py::cast(host_name(run, *host)) : py::none(), subject,
                               detail));
  };
  const chaos::RunRecord& record = run.record;
  for (const chaos::BreachRecord& breach : record.breaches) {
    add(breach.at, "breach", breach.host, breach.invariant, breach.what);
  }
  for (const chaos::PolicyChangeRecord& change : record.policy_changes) {
    add(change.asked_at, "policy", {}, change.id, "asked for");
    if (change.committed_at) {
      add(*change.committed_at, "policy", {}, change.id,
          fmt::format("committed, revision {}", change.revision));
    }
  }
  for (const chaos::EndpointChangeRecord& change : record.endpoint_changes) {
    add(change.at, change.is_removed ? "expired" : "registered", change.host, change.service,
        fmt::format("revision {}", change.revision));
  }
  for (const chaos::RolloutMoveRecord& move : record.rollout_moves) {
    constexpr std::array kOutcomes{"progressing", "promoted", "aborted", "paused"};
    add(move.at, "rollout", {}, fmt::format("{} version {}", move.service, move.version),
        fmt::format("{}, weight {:g}{}{}", kOutcomes.at(static_cast<std::size_t>(move.outcome)),
                    move.weight, move.cause.empty() ? "" : ": ", move.cause));
  }
  for (const chaos::RotationMoveRecord& move : record.rotation_moves) {
    add(move.at, "rotation", {}, fmt::format("root {}", move.new_root),
        fmt::format("{} steps done", move.finished));
  }
  for (const chaos::CertificateRecord& certificate : record.certificates) {
    if (certificate.has_expired) {
      add(certificate.at, "certificate_expired", certificate.host, "",
          fmt::format("serial {}", certificate.serial));
    }
  }
  return rows;
}

const char* name_of(chaos::ProxyChange what) {
  switch (what) {
    case chaos::ProxyChange::breaker:
      return "breaker";
    case chaos::ProxyChange::ejected:
      return "ejected";
    case chaos::ProxyChange::ejection_prevented:
      return "ejection_prevented";
    case chaos::ProxyChange::returned:
      return "returned";
    case chaos::ProxyChange::failed_checks:
      return "failed_checks";
    case chaos::ProxyChange::passed_checks:
      return "passed_checks";
    case chaos::ProxyChange::quota:
      return "quota";
  }
  return "";
}

py::list proxy_changes_of(const CompletedRun& run) {
  py::list rows;
  for (const chaos::ProxyChangeRecord& change : run.record.proxy_changes) {
    const bool is_of_one = change.endpoint != chaos::kNobody;
    rows.append(py::make_tuple(seconds_at(change.at), host_name(run, change.proxy),
                               name_of(change.what), change.callee,
                               is_of_one ? py::cast(host_name(run, change.endpoint)) : py::none(),
                               change.state, change.cause));
  }
  return rows;
}

py::list policy_changes_of(const CompletedRun& run) {
  py::list changes;
  for (const chaos::PolicyChangeRecord& change : run.record.policy_changes) {
    py::dict row;
    row["id"] = change.id;
    row["asked_at"] = seconds_at(change.asked_at);
    row["committed_at"] = seconds_at(change.committed_at);
    row["revision"] = change.revision;
    row["proxies"] = change.proxies ? py::object{names_of(run, *change.proxies)} : py::none();
    row["callees"] = change.callees;
    changes.append(row);
  }
  return changes;
}

py::dict final_reads_of(const CompletedRun& run) {
  const chaos::FinalReadsRecord& reads = run.record.final_reads;
  py::dict row;
  row["completed"] = reads.completed;
  row["why_not"] = reads.why_not;
  row["acked"] = reads.acked;
  row["visible"] = reads.visible;
  row["indeterminate"] = reads.indeterminate;
  row["indeterminate_visible"] = reads.indeterminate_visible;
  return row;
}

/// Service by service: how long its clients wait, and which hosts have its instances.
py::dict services_of(const CompletedRun& run) {
  py::dict services;
  for (const chaos::ServiceRecord& service : run.record.services) {
    py::dict row;
    row["patience"] = chaos::seconds_of(service.patience);
    row["instances"] = names_of(run, service.instances);
    row["callers"] = names_of(run, service.callers);
    services[py::str(service.name)] = row;
  }
  return services;
}

/// Wire names of the types that occur in the trace, by their id.
py::dict event_types() {
  py::dict types;
  for (const std::string_view name : chaos::wire_names()) {
    types[py::int_(wire_id(name))] = name;
  }
  return types;
}

py::list event_kinds() {
  py::list names;
  for (std::uint32_t i = 0; i <= static_cast<std::uint32_t>(sim::EventKind::condition_lifted);
       ++i) {
    names.append(sim::name_of(static_cast<sim::EventKind>(i)));
  }
  return names;
}

/// Counts towards the verdict like what the judgement found itself.
void add_finding(CompletedRun& run, const std::string& verdict, std::string what) {
  const auto is_meant = [&](chaos::Verdict each) { return to_string(each) == verdict; };
  for (const chaos::Verdict each :
       {chaos::Verdict::pass, chaos::Verdict::inconclusive, chaos::Verdict::fail}) {
    if (is_meant(each)) {
      run.judgement.verdict = chaos::worst(run.judgement.verdict, each);
      if (each != chaos::Verdict::pass) {
        run.judgement.findings.push_back({each, std::move(what)});
      }
      return;
    }
  }
  throw py::value_error{"no such verdict: " + verdict};
}

/// Lets Ctrl-C, and whoever watches, end the run.
std::function<void(double)> watched_by(const py::object& progress) {
  return [&progress](double share) {
    const py::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) {
      throw py::error_already_set{};
    }
    if (!progress.is_none()) {
      progress(share);
    }
  };
}

/// Asks a Python function `(seconds, leader or None, hosts that run, term)`, which returns names of
/// hosts or None.
chaos::StrikeDecision decided_by(const chaos::Plan& plan, const py::object& function) {
  return [&plan, &function](const chaos::StrikeMoment& moment) {
    const py::gil_scoped_acquire gil;
    const auto name_of = [&](HostId host) { return py::str(plan.hosts.at(host.value()).name); };
    py::list running;
    for (const HostId host : moment.running) {
      running.append(name_of(host));
    }
    const py::object answer = function(
        seconds_at(moment.at), moment.leader ? py::object{name_of(*moment.leader)} : py::none(),
        running, moment.term);
    if (answer.is_none()) {
      return std::optional<std::vector<HostId>>{};
    }
    const chaos::HostDirectory directory = chaos::directory_of(plan);
    std::vector<HostId> hosts;
    for (const std::string& name : answer.cast<std::vector<std::string>>()) {
      const std::optional<HostId> host = directory.find(name);
      if (!host) {
        throw py::value_error{fmt::format("found the unknown host \"{}\"", name)};
      }
      hosts.push_back(*host);
    }
    return std::optional{std::move(hosts)};
  };
}

using Decisions = std::map<std::string, py::object>;

std::unique_ptr<CompletedRun> run(const chaos::Plan& plan, bool keeps_events, std::string replay,
                                  const py::object& progress, const Decisions& decisions) {
  auto completed = std::make_unique<CompletedRun>();
  completed->plan = plan;
  completed->replay = std::move(replay);
  chaos::RunOptions options;
  options.on_progress = watched_by(progress);
  options.trace = keeps_events ? &completed->trace : nullptr;
  for (const auto& [fault, function] : decisions) {
    options.decisions.emplace(fault, decided_by(completed->plan, function));
  }
  const py::gil_scoped_release free;
  completed->record = chaos::run_plan(completed->plan, options);
  completed->judgement =
      chaos::judge(completed->record, completed->plan.expectations,
                   {chaos::measure_options_of(plan), chaos::OverSeeds::judged_alone});
  return completed;
}

template <typename Member>
auto of_record(Member chaos::RunRecord::*member) {
  return [member](const CompletedRun& run) -> const Member& { return run.record.*member; };
}

}  // namespace

const char* unit_of_measure(const std::string& measure) {
  const chaos::MeasureInfo* const info = chaos::find_measure(measure);
  switch (info == nullptr ? chaos::Unit::count : info->unit) {
    case chaos::Unit::duration:
      return "s";
    case chaos::Unit::count:
      return "count";
    case chaos::Unit::ratio:
      return "ratio";
  }
  return "";
}

py::dict dict_of(const chaos::MeasureValue& value) {
  std::optional<chaos::Amount> at_least;
  double number = std::numeric_limits<double>::quiet_NaN();
  if (const chaos::Amount* const amount = value.amount()) {
    number = chaos::number_of(*amount);
  } else if (const auto* const censored = std::get_if<chaos::Censored>(&value.what)) {
    number = std::numeric_limits<double>::infinity();
    at_least = censored->at_least;
  } else if (const auto* const unknown = std::get_if<chaos::NoEvidence>(&value.what)) {
    at_least = unknown->at_least;
  }
  py::dict row;
  row["value"] = number;
  row["n"] = value.n;
  row["why"] = chaos::why_absent(value);
  row["at_least"] = number_of(at_least);
  return row;
}

void bind_completed_runs(py::module_& module) {
  py::class_<CompletedRun> completed{module, "Run", "What one run left, and how it is judged."};
  completed
      .def_property_readonly(
          "verdict",
          [](const CompletedRun& run) { return std::string{to_string(run.judgement.verdict)}; })
      .def_property_readonly(
          "reasons", [](const CompletedRun& run) { return chaos::reasons_of(run.judgement); })
      .def_property_readonly("scenario", of_record(&chaos::RunRecord::scenario))
      .def_property_readonly("seed", of_record(&chaos::RunRecord::seed))
      .def_property_readonly("digest", of_record(&chaos::RunRecord::digest))
      .def_property_readonly("hosts", of_record(&chaos::RunRecord::host_names))
      .def_property_readonly("wall_seconds", of_record(&chaos::RunRecord::wall_seconds))
      .def_property_readonly("messages", of_record(&chaos::RunRecord::messages))
      .def_property_readonly("event_count", of_record(&chaos::RunRecord::events))
      .def_property_readonly(
          "length", [](const CompletedRun& run) { return chaos::seconds_of(run.record.length); })
      .def_property_readonly(
          "ended_at", [](const CompletedRun& run) { return seconds_at(run.record.ended_at); })
      .def_property_readonly("plan", [](const CompletedRun& run) { return run.plan; })
      .def_property_readonly("steady",
                             [](const CompletedRun& run) {
                               const chaos::TimeWindow& steady = run.judgement.steady;
                               return std::pair{seconds_at(steady.from), seconds_at(steady.to)};
                             })
      .def_property_readonly("report",
                             [](const CompletedRun& run) {
                               return chaos::run_report(run.record, run.judgement, run.replay, {});
                             })
      .def_property_readonly("json",
                             [](const CompletedRun& run) {
                               return chaos::run_json(run.record, run.judgement, run.replay);
                             })
      .def_property_readonly("measures", &measures_of)
      .def_property_readonly("expectations", &expectations_of)
      .def_property_readonly("strikes", &strikes_of)
      .def_property_readonly("recoveries", &recoveries_of)
      .def_property_readonly("occurrences", &occurrences_of)
      .def_property_readonly("proxy_changes", &proxy_changes_of)
      .def_property_readonly("policy_changes", &policy_changes_of)
      .def_property_readonly("final_reads", &final_reads_of)
      .def_property_readonly("services", &services_of)
      .def("add_finding", &add_finding, py::arg("verdict"), py::arg("what"));
  bind_columns(completed);
  module.def("run", &run, py::arg("plan"), py::arg("events"), py::arg("replay"),
             py::arg("progress"), py::arg("decisions"));
  module.def("event_types", &event_types);
  module.def("event_kinds", &event_kinds);
}

}  // namespace windtunnel::bindings
