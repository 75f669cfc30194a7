#include "chaos/report/report_json.hpp"

#include <cmath>
#include <optional>

#include <nlohmann/json.hpp>

#include "chaos/measure/measures_catalogue.hpp"
#include "chaos/report/report.hpp"

namespace windtunnel::chaos {

namespace {

using Json = nlohmann::ordered_json;

Json number(const Amount& amount) {
  const Count* count = std::get_if<Count>(&amount);
  return count != nullptr ? Json(*count) : Json(number_of(amount));
}

/// JSON has no infinity; what is infinite here is so because samples were censored.
Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json time_of(TrueInstant at) {
  return seconds_of(at.time_since_epoch());
}

Json time_of(const std::optional<TrueInstant>& at) {
  return at ? time_of(*at) : Json(nullptr);
}

Json window_of(const TimeWindow& window) {
  return {{"from", time_of(window.from)}, {"to", time_of(window.to)}};
}

std::string_view unit_name(std::string_view measure) {
  const MeasureInfo* info = find_measure(measure);
  switch (info == nullptr ? Unit::count : info->unit) {
    case Unit::duration:
      return "s";
    case Unit::count:
      return "count";
    case Unit::ratio:
      return "ratio";
  }
  return "";
}

void put_value(Json& json, const MeasureValue& value) {
  struct Visitor {
    Json& json;
    void operator()(const Amount& amount) const { json["value"] = number(amount); }
    void operator()(const Censored& absent) const { put("censored", absent.why, absent.at_least); }
    void operator()(const NoEvidence& absent) const {
      put("no_evidence", absent.why, absent.at_least);
    }
    void operator()(const NotApplicable& absent) const { put("not_applicable", absent.why, {}); }

    void put(const char* kind, const std::string& why,
             const std::optional<Amount>& at_least) const {
      json["value"] = nullptr;
      json[kind] = why;
      if (at_least) {
        json["at_least"] = number(*at_least);
      }
    }
  };
  std::visit(Visitor{json}, value.what);
  json["n"] = value.n;
}

Json bound_json(const Bound& bound) {
  struct Visitor {
    Json operator()(const AtMost& b) const { return {{"at_most", number(b.limit)}}; }
    Json operator()(const AtLeast& b) const { return {{"at_least", number(b.limit)}}; }
    Json operator()(const Equals& b) const { return {{"equals", number(b.value)}}; }
    Json operator()(const Within& b) const {
      return {{"within", Json::array({number(b.low), number(b.high)})}};
    }
  };
  return std::visit(Visitor{}, bound);
}

std::string host_name(const RunRecord& record, HostId host) {
  const std::size_t index = host.value();
  return index < record.host_names.size() ? record.host_names[index] : std::to_string(index);
}

Json strikes_json(const FaultGroup& group, const RunRecord& record) {
  Json strikes = Json::array();
  for (const FaultRecord& strike : group.strikes) {
    Json targets = Json::array();
    for (const HostId target : strike.targets) {
      targets.push_back(host_name(record, target));
    }
    strikes.push_back({{"injected_at", time_of(strike.injected_at)},
                       {"effective_at", time_of(strike.effective_at)},
                       {"ended_at", time_of(strike.ended_at)},
                       {"touched", strike.touched},
                       {"targets", std::move(targets)},
                       {"detail", strike.detail}});
  }
  return strikes;
}

Json detected_json(const Succession& s, const RunRecord& record) {
  if (!s.first_candidacy) {
    return nullptr;
  }
  return {{"at", time_of(s.first_candidacy->at)},
          {"host", host_name(record, s.first_candidacy->host)},
          {"term", s.first_candidacy->term},
          {"pre_vote", s.first_candidacy->pre_vote}};
}

Json elected_json(const Succession& s, const RunRecord& record) {
  if (!s.new_leader) {
    return nullptr;
  }
  return {{"at", time_of(s.new_leader->at)},
          {"host", host_name(record, s.new_leader->host)},
          {"term", s.new_leader->term}};
}

Json recovery_json(const FaultMeasures& fault) {
  Json recovery = Json::object();
  put_value(recovery, fault.recovery_time);
  Json chain = Json::array();
  for (const ChainPart& part : fault.chain.parts) {
    chain.push_back(
        {{"part", part.name}, {"length", seconds_of(part.length)}, {"note", to_string(part.note)}});
  }
  recovery["chain"] = std::move(chain);
  recovery["chain_total"] = seconds_of(fault.chain.total());
  return recovery;
}

std::optional<TrueInstant> restored_at(const FaultMeasures& fault) {
  const Amount* recovery = fault.recovery_time.amount();
  return recovery == nullptr
             ? std::nullopt
             : std::optional{fault.group.injected_at + std::get<Duration>(*recovery)};
}

Json faults_json(const RunRecord& record, const Judgement& judgement) {
  Json faults = Json::array();
  for (const FaultMeasures& fault : judgement.faults) {
    faults.push_back({{"id", fault.group.id},
                      {"kind", fault.group.kind},
                      {"detail", fault.group.detail},
                      {"window", window_of(fault.group.window)},
                      {"injected_at", time_of(fault.group.injected_at)},
                      {"effective_at", time_of(fault.group.effective_at)},
                      {"ended_at", time_of(fault.group.ended_at)},
                      {"touched", fault.group.touched},
                      {"detected", detected_json(fault.succession, record)},
                      {"elected", elected_json(fault.succession, record)},
                      {"first_commit_at", time_of(fault.succession.first_new_commit)},
                      {"first_success_at", time_of(fault.first_success_at)},
                      {"restored_at", time_of(restored_at(fault))},
                      {"recovery", recovery_json(fault)},
                      {"strikes", strikes_json(fault.group, record)}});
  }
  return faults;
}

Json measures_json(const MeasureTable& table) {
  Json measures = Json::array();
  for (const MeasureRow& row : table.rows()) {
    Json measure{{"name", row.key.name()},
                 {"measure", row.key.measure},
                 {"window", row.key.window},
                 {"unit", unit_name(row.key.measure)}};
    put_value(measure, row.value);
    measures.push_back(std::move(measure));
  }
  return measures;
}

Json expectations_json(const Judgement& judgement) {
  Json expectations = Json::array();
  for (const Evaluation& evaluation : judgement.evaluations) {
    Json json{{"name", evaluation.name},
              {"that", evaluation.expectation.that},
              {"kind", to_string(evaluation.expectation.kind)},
              {"window", evaluation.window ? window_of(*evaluation.window) : Json(nullptr)},
              {"bound", evaluation.expectation.bound ? bound_json(*evaluation.expectation.bound)
                                                     : Json(nullptr)},
              {"unit", unit_name(evaluation.expectation.that)}};
    put_value(json, evaluation.observed);
    json["verdict"] = to_string(evaluation.verdict);
    json["explanation"] = evaluation.explanation;
    expectations.push_back(std::move(json));
  }
  return expectations;
}

Json statistics_json(const MeasureOverSeeds& measure) {
  Json json{{"name", measure.key.name()},   {"measure", measure.key.measure},
            {"window", measure.key.window}, {"unit", unit_name(measure.key.measure)},
            {"n", measure.samples.size()},  {"without", measure.without}};
  if (measure.statistics) {
    const SampleStatistics& s = *measure.statistics;
    json["censored"] = s.censored;
    json["min"] = number(s.min);
    json["mean"] = number(s.mean);
    json["p50"] = number(s.p50);
    json["p95"] = number(s.p95);
    json["p99"] = number(s.p99);
    json["max"] = number(s.max);
    json["worst_seed"] = measure.worst_seed();
  }
  return json;
}

Json seeds_evaluation_json(const SeedsEvaluation& evaluation) {
  Json json{{"name", evaluation.name},
            {"that", evaluation.expectation.that},
            {"statistic", to_string(*evaluation.expectation.over_seeds)},
            {"bound", bound_json(*evaluation.expectation.bound)},
            {"unit", unit_name(evaluation.expectation.that)},
            {"value", evaluation.observed ? number(*evaluation.observed) : Json(nullptr)},
            {"n", evaluation.n},
            {"without", evaluation.without}};
  json["confidence_interval"] =
      evaluation.interval
          ? Json::array({number(evaluation.interval->low), number(evaluation.interval->high)})
          : Json(nullptr);
  json["verdict"] = to_string(evaluation.verdict);
  json["explanation"] = evaluation.explanation;
  return json;
}

Json campaign_runs_json(const Campaign& campaign, std::string_view scenario_file) {
  Json runs = Json::array();
  for (const CampaignRun& run : campaign.runs) {
    runs.push_back({{"seed", run.seed},
                    {"verdict", to_string(run.verdict)},
                    {"digest", run.digest},
                    {"reasons", run.reasons},
                    {"replay", replay_command(scenario_file, run.seed)},
                    {"simulated", seconds_of(run.length)},
                    {"wall_seconds", run.wall_seconds},
                    {"measures", measures_json(run.table)}});
  }
  return runs;
}

/// Names and messages come from files; a byte that is not UTF-8 must not cost the report.
std::string text_of(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string run_json(const RunRecord& record, const Judgement& judgement, std::string_view replay) {
  Json findings = Json::array();
  for (const Finding& finding : judgement.findings) {
    findings.push_back({{"verdict", to_string(finding.verdict)}, {"what", finding.what}});
  }
  return text_of(
      {{"report", "windtunnel.run/1"},
       {"scenario", record.scenario},
       {"seed", record.seed},
       {"digest", record.digest},
       {"verdict", to_string(judgement.verdict)},
       {"reasons", reasons_of(judgement)},
       {"replay", replay},
       {"simulated", time_of(record.ended_at)},
       {"wall_seconds", record.wall_seconds},
       {"events", record.events},
       {"messages", record.messages},
       {"baseline_p99", judgement.baseline ? Json(seconds_of(*judgement.baseline)) : Json(nullptr)},
       {"steady", window_of(judgement.steady)},
       {"faults", faults_json(record, judgement)},
       {"measures", measures_json(judgement.table)},
       {"expectations", expectations_json(judgement)},
       {"findings", std::move(findings)}});
}

std::string campaign_json(const Campaign& campaign, std::string_view scenario_file) {
  Json counts = Json::object();
  for (const Verdict verdict :
       {Verdict::pass, Verdict::inconclusive, Verdict::fail, Verdict::error}) {
    counts[std::string{to_string(verdict)}] = campaign.count(verdict);
  }
  Json measures = Json::array();
  for (const MeasureOverSeeds& measure : campaign.measures) {
    measures.push_back(statistics_json(measure));
  }
  Json expectations = Json::array();
  for (const SeedsEvaluation& evaluation : campaign.evaluations) {
    expectations.push_back(seeds_evaluation_json(evaluation));
  }
  return text_of({{"report", "windtunnel.campaign/1"},
                  {"scenario", campaign.scenario},
                  {"verdict", to_string(campaign.verdict)},
                  {"counts", std::move(counts)},
                  {"runs", campaign_runs_json(campaign, scenario_file)},
                  {"measures", std::move(measures)},
                  {"expectations", std::move(expectations)}});
}

}  // namespace windtunnel::chaos
