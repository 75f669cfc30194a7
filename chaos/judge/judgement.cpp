#include "chaos/judge/judgement.hpp"

#include <algorithm>
#include <optional>
#include <source_location>
#include <string_view>
#include <utility>

#include "chaos/measure/measures_catalogue.hpp"
#include "chaos/measure/recovery.hpp"
#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

const MeasureInfo& info_of(const Expectation& expectation) {
  const MeasureInfo* info = find_measure(expectation.that);
  if (info == nullptr) {
    fail_check("the loader lets only known measures through", std::source_location::current());
  }
  return *info;
}

bool looks_during(const Expectation& expectation) {
  return expectation.window == WindowKind::during && info_of(expectation).windowed;
}

bool closes_early(const Expectation& expectation) {
  return expectation.until && info_of(expectation).windowed;
}

std::string until_name(const WindowEnd& until) {
  if (const auto* id = std::get_if<std::string>(&until)) {
    return "until-" + *id;
  }
  std::string time = exact_text(std::get<TrueInstant>(until).time_since_epoch());
  std::erase(time, ' ');
  return "until-" + time;
}

/// Finding the window of an expectation; `why_not` is set where there is none.
struct FoundWindow {
  TimeWindow window;
  std::optional<Duration> fault_length;
  std::string why_not;
};

void close_early(FoundWindow& found, const Measures& measures, const WindowEnd& until) {
  if (const auto* at = std::get_if<TrueInstant>(&until)) {
    found.window.to = std::min(found.window.to, *at);
    return;
  }
  const auto& id = std::get<std::string>(until);
  if (const FaultMeasures* fault = measures.find_fault(id)) {
    found.window.to = std::min(found.window.to, fault->group.injected_at);
  } else {
    found.why_not = "\"" + id + "\" never struck";
  }
}

FoundWindow find_window(const Expectation& expectation, const Measures& measures) {
  FoundWindow found;
  found.window = measures.whole_run();
  if (expectation.kind == ExpectationKind::gate) {
    found.window = measures.steady();
    return found;
  }
  if (!expectation.fault.empty()) {
    const FaultMeasures* fault = measures.find_fault(expectation.fault);
    if (fault == nullptr) {
      found.why_not = "\"" + expectation.fault + "\" never struck";
      return found;
    }
    const TimeWindow during = fault->group.during(measures.whole_run().to);
    found.fault_length = during.length();
    found.window = looks_during(expectation) ? during : fault->group.window;
  }
  if (closes_early(expectation)) {
    close_early(found, measures, *expectation.until);
  }
  return found;
}

MeasureValue value_in(const FoundWindow& found, const Expectation& expectation,
                      const Measures& measures) {
  if (!found.why_not.empty()) {
    return no_evidence(found.why_not);
  }
  const MeasureInfo& info = info_of(expectation);
  if (info.windowed) {
    return measures.in_window(expectation.that, found.window, found.fault_length);
  }
  return expectation.fault.empty()
             ? measures.over_run(expectation.that)
             : measures.after(expectation.that, *measures.find_fault(expectation.fault));
}

MeasureKey key_of(const Expectation& expectation) {
  return {.measure = expectation.that, .window = window_name(expectation)};
}

Evaluation evaluate_one(const Expectation& expectation, const Measures& measures) {
  const FoundWindow found = find_window(expectation, measures);
  Evaluation evaluation{.expectation = expectation,
                        .name = key_of(expectation).name(),
                        .window = found.window,
                        .observed = value_in(found, expectation, measures),
                        .verdict = {},
                        .explanation = {}};
  if (!found.why_not.empty()) {
    evaluation.window.reset();
  }
  return evaluated(std::move(evaluation));
}

/// An expectation that names no fault, on a measure that has no value without one, is held to every
/// fault.
std::vector<Evaluation> evaluate(const Expectation& expectation, const Measures& measures) {
  const bool of_every_fault = expectation.kind == ExpectationKind::objective &&
                              expectation.fault.empty() && !info_of(expectation).whole_run;
  if (!of_every_fault) {
    return {evaluate_one(expectation, measures)};
  }
  std::vector<Evaluation> evaluations;
  for (const FaultMeasures& fault : measures.faults()) {
    Expectation of_fault = expectation;
    of_fault.window = WindowKind::after;
    of_fault.fault = fault.group.id;
    evaluations.push_back(evaluate_one(of_fault, measures));
  }
  if (evaluations.empty()) {
    evaluations.push_back(evaluated({.expectation = expectation,
                                     .name = expectation.that,
                                     .window = {},
                                     .observed = no_evidence("no fault struck"),
                                     .verdict = {},
                                     .explanation = {}}));
  }
  return evaluations;
}

bool covers(std::string_view invariant, const BreachRecord& breach) {
  constexpr std::string_view suffix = ".safety";
  if (!invariant.ends_with(suffix)) {
    return breach.invariant == invariant;
  }
  const std::string_view family = invariant.substr(0, invariant.size() - suffix.size() + 1);
  return breach.invariant.starts_with(family);
}

std::string breach_text(const BreachRecord& breach, const RunRecord& record) {
  const std::size_t host = breach.host.value();
  const std::string name =
      host < record.host_names.size() ? record.host_names[host] : "host " + std::to_string(host);
  return breach.invariant + " broken at " + exact_text(breach.at.time_since_epoch()) + " on " +
         name + ": " + breach.what;
}

/// An invariant rests on the elections and commits that it was checked at.
Evaluation evaluate_invariant(const Expectation& expectation, const RunRecord& record,
                              TimeWindow whole_run) {
  Evaluation evaluation{
      .expectation = expectation,
      .name = expectation.that,
      .window = whole_run,
      .observed = measured(Count{0}, record.leaders.size() + record.commits.size()),
      .verdict = Verdict::pass,
      .explanation = {}};
  Count breaches = 0;
  for (const BreachRecord& breach : record.breaches) {
    if (covers(expectation.that, breach)) {
      evaluation.verdict = Verdict::fail;
      evaluation.explanation += (breaches++ == 0 ? "" : "; ") + breach_text(breach, record);
    }
  }
  evaluation.observed.what = breaches;
  if (breaches == 0 && evaluation.observed.n == 0) {
    evaluation.observed = no_evidence("no leader was elected and nothing committed");
    evaluation.verdict = expectation.on_empty.value_or(Verdict::inconclusive);
    evaluation.explanation = "no evidence: " + why_absent(evaluation.observed);
  }
  return evaluation;
}

std::vector<Finding> breaches_not_named(const RunRecord& record,
                                        const std::vector<Expectation>& expectations) {
  std::vector<Finding> findings;
  for (const BreachRecord& breach : record.breaches) {
    const bool named = std::ranges::any_of(expectations, [&](const Expectation& expectation) {
      return expectation.kind == ExpectationKind::invariant && covers(expectation.that, breach);
    });
    if (!named) {
      findings.push_back({.verdict = Verdict::fail, .what = breach_text(breach, record)});
    }
  }
  return findings;
}

std::string strike_text(const FaultGroup& group, std::size_t number) {
  const std::string which =
      group.strikes.size() > 1 ? " (strike " + std::to_string(number + 1) + ")" : "";
  return "fault \"" + group.id + "\"" + which;
}

void find_idle_faults(std::vector<Finding>& findings, const std::vector<FaultMeasures>& faults) {
  for (const FaultMeasures& fault : faults) {
    for (std::size_t i = 0; i < fault.group.strikes.size(); ++i) {
      const FaultRecord& strike = fault.group.strikes[i];
      if (strike.touched == 0) {
        const std::string what = strike.targets.empty() ? " found no target" : " touched nothing";
        findings.push_back({.what = strike_text(fault.group, i) + what});
      }
    }
  }
}

/// Those that a gate looks at: invoked in the steady window, or in flight when it opened.
std::vector<OperationRecord> operations_as_they_stood(const OperationsByTime& operations,
                                                      TimeWindow steady) {
  std::vector<OperationRecord> before = operations.touching(steady);
  for (OperationRecord& operation : before) {
    if (operation.ended_at >= steady.to) {
      operation.ended_at = steady.to;
      operation.outcome = OperationOutcome::unfinished;
    }
  }
  return before;
}

/// The record as it stood at `at`: what was under way then has no outcome yet. A gate looks at
/// this, since the fault that follows decides the fate of operations that the steady state had
/// begun. Of the operations, only what it looks at.
RunRecord as_it_stood(const RunRecord& record, const Measures& measures, Duration steady_length) {
  const TrueInstant at = measures.steady().to;
  RunRecord before;
  before.length = record.length;
  before.ended_at = at;
  before.host_names = record.host_names;
  before.commits = record.commits;
  std::erase_if(before.commits, [&](const CommitRecord& commit) { return commit.at >= at; });
  const TimeWindow steady = steady_window(before, {}, steady_length);
  before.operations = operations_as_they_stood(measures.operations(), steady);
  for (std::size_t i = 0; i < record.services.size(); ++i) {
    const ServiceRecord& service = record.services[i];
    before.services.push_back({service.name, service.patience,
                               operations_as_they_stood(measures.services()[i].requests(), steady),
                               service.instances});
  }
  if (record.replication) {
    before.replication = as_it_stood(*record.replication, at);
  }
  return before;
}

/// What gates are evaluated on. Costs a copy of the operations of the steady window.
struct BeforeFaults {
  BeforeFaults(const RunRecord& whole, const Measures& of_whole, const MeasureOptions& options)
      : record(as_it_stood(whole, of_whole, options.recovery.steady)), measures(record, options) {}

  RunRecord record;
  Measures measures;
};

bool is_gate(const Expectation& expectation) {
  return expectation.kind == ExpectationKind::gate;
}

Verdict worst_of(const Judgement& judgement) {
  Verdict verdict = Verdict::pass;
  for (const Evaluation& evaluation : judgement.evaluations) {
    verdict = worst(verdict, evaluation.verdict);
  }
  for (const Finding& finding : judgement.findings) {
    verdict = worst(verdict, finding.verdict);
  }
  return verdict;
}

}  // namespace

std::string window_name(const Expectation& expectation) {
  if (expectation.kind == ExpectationKind::gate) {
    return "steady";
  }
  std::string name = expectation.fault;
  if (looks_during(expectation)) {
    name += "/during";
  }
  if (closes_early(expectation)) {
    name += (name.empty() ? "" : "/") + until_name(*expectation.until);
  }
  return name;
}

Judgement judge(const RunRecord& record, const std::vector<Expectation>& expectations,
                const JudgementOptions& options) {
  const Measures measures{record, options.measures};
  std::optional<BeforeFaults> before;
  if (std::ranges::any_of(expectations, is_gate)) {
    before.emplace(record, measures, options.measures);
  }
  Judgement judgement;
  judgement.faults = measures.faults();
  judgement.table = measures.table();
  judgement.steady = measures.steady();
  judgement.baseline = measures.baseline();
  for (const Expectation& expectation : expectations) {
    if (expectation.kind == ExpectationKind::invariant) {
      judgement.evaluations.push_back(
          evaluate_invariant(expectation, record, measures.whole_run()));
      continue;
    }
    const bool later = expectation.over_seeds && options.over_seeds == OverSeeds::judged_later;
    for (Evaluation& evaluation :
         evaluate(expectation, is_gate(expectation) ? before->measures : measures)) {
      if (evaluation.window) {
        judgement.table.set(key_of(evaluation.expectation), evaluation.observed);
      }
      if (!later) {
        judgement.evaluations.push_back(std::move(evaluation));
      }
    }
  }
  judgement.findings = breaches_not_named(record, expectations);
  for (const std::string& gate : record.missed_gates) {
    judgement.findings.push_back({.what = "gate not met, no fault was injected: " + gate});
  }
  find_idle_faults(judgement.findings, judgement.faults);
  if (expectations.empty()) {
    judgement.findings.push_back({.what = "the scenario expects nothing"});
  }
  judgement.verdict = worst_of(judgement);
  return judgement;
}

std::vector<std::string> reasons_of(const Judgement& judgement) {
  std::vector<std::string> reasons;
  for (const Evaluation& evaluation : judgement.evaluations) {
    if (evaluation.verdict != Verdict::pass) {
      reasons.push_back(evaluation.name + ": " + evaluation.explanation);
    }
  }
  for (const Finding& finding : judgement.findings) {
    if (finding.verdict != Verdict::pass) {
      reasons.push_back(finding.what);
    }
  }
  return reasons;
}

std::vector<std::string> missed_gates(const RunRecord& record,
                                      const std::vector<Expectation>& expectations,
                                      const MeasureOptions& options) {
  if (std::ranges::none_of(expectations, is_gate)) {
    return {};
  }
  const Measures measures{record, options};
  std::vector<std::string> missed;
  for (const Expectation& expectation : expectations) {
    if (!is_gate(expectation)) {
      continue;
    }
    const Evaluation evaluation = evaluate_one(expectation, measures);
    if (evaluation.verdict != Verdict::pass) {
      missed.push_back(evaluation.name + ": " + evaluation.explanation);
    }
  }
  return missed;
}

}  // namespace windtunnel::chaos
