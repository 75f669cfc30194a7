#include "chaos/judge/campaign.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "chaos/measure/measures_catalogue.hpp"
#include "runtime/random.hpp"

namespace windtunnel::chaos {

namespace {

void add_sample(MeasureOverSeeds& measure, std::uint64_t seed, const MeasureValue* value) {
  if (value != nullptr && value->amount() != nullptr) {
    measure.samples.push_back({.seed = seed, .value = number_of(*value->amount())});
  } else if (value != nullptr && value->is_censored()) {
    measure.samples.push_back({.seed = seed, .value = std::numeric_limits<double>::infinity()});
  } else {
    ++measure.without;
  }
}

/// The control plane's first, then each service's.
std::pair<std::string, std::size_t> catalogue_position(const MeasureKey& key) {
  const auto of_service = find_service_measure(key.measure);
  const auto catalogue = of_service ? service_measure_catalogue() : measure_catalogue();
  const MeasureInfo* info = find_measure(key.measure);
  return {of_service ? std::string{of_service->service} : "",
          info == nullptr ? catalogue.size() : static_cast<std::size_t>(info - catalogue.data())};
}

/// Every key of any run, in catalogue order; within one measure, in the order in which the seeds
/// first show it.
std::vector<MeasureKey> keys_of(const std::vector<CampaignRun>& runs) {
  std::vector<MeasureKey> keys;
  for (const CampaignRun& run : runs) {
    for (const MeasureRow& row : run.table.rows()) {
      if (std::ranges::find(keys, row.key) == keys.end()) {
        keys.push_back(row.key);
      }
    }
  }
  std::ranges::stable_sort(keys, {}, catalogue_position);
  return keys;
}

MeasureOverSeeds over_seeds(const MeasureKey& key, const std::vector<CampaignRun>& runs) {
  MeasureOverSeeds measure;
  measure.key = key;
  for (const CampaignRun& run : runs) {
    add_sample(measure, run.seed, run.table.find(key.measure, key.window));
  }
  if (!measure.samples.empty()) {
    measure.statistics = summarize(measure.samples);
  }
  return measure;
}

/// An expectation that names no fault, on a measure that has no value without one, means every
/// fault.
bool is_meant(Expectation expectation, const MeasureKey& key) {
  if (key.measure != expectation.that) {
    return false;
  }
  if (expectation.fault.empty() && !find_measure(expectation.that)->whole_run) {
    expectation.fault = key.window.substr(0, key.window.find('/'));
  }
  return key.window == window_name(expectation);
}

Verdict rule(const SeedsEvaluation& evaluation, std::string& explanation) {
  const Expectation& expectation = evaluation.expectation;
  const std::string bound = to_text(*expectation.bound);
  if (evaluation.observed && !keeps(*expectation.bound, *evaluation.observed)) {
    const Unit unit = find_measure(expectation.that)->unit;
    explanation = fmt::format("{} instead of {}", number_text(*evaluation.observed, unit), bound);
    return Verdict::fail;
  }
  if (evaluation.observed && evaluation.without == 0) {
    return Verdict::pass;
  }
  explanation = fmt::format("no evidence from {} of {} seeds", evaluation.without,
                            evaluation.without + evaluation.n);
  return expectation.on_empty.value_or(Verdict::inconclusive);
}

SeedsEvaluation evaluate(const Expectation& expectation, const MeasureOverSeeds& measure,
                         const BootstrapOptions& options) {
  const SeedStatistic statistic = *expectation.over_seeds;
  SeedsEvaluation evaluation;
  evaluation.expectation = expectation;
  evaluation.name = fmt::format("{} of {}", to_string(statistic), measure.key.name());
  evaluation.n = measure.samples.size();
  evaluation.without = measure.without;
  if (measure.statistics) {
    std::vector<double> ascending;
    std::ranges::transform(measure.samples, std::back_inserter(ascending), &SeedSample::value);
    std::ranges::sort(ascending);
    evaluation.observed = statistic_of(*measure.statistics, statistic);
    RandomStream stream{0, "bootstrap:" + evaluation.name};
    evaluation.interval = bootstrap_interval(
        ascending, statistic, [&](std::uint64_t bound) { return stream.below(bound); }, options);
  }
  evaluation.verdict = rule(evaluation, evaluation.explanation);
  return evaluation;
}

std::vector<SeedsEvaluation> evaluate_all(const Campaign& campaign,
                                          const std::vector<Expectation>& expectations,
                                          const BootstrapOptions& options) {
  std::vector<SeedsEvaluation> evaluations;
  for (const Expectation& expectation : expectations) {
    if (!expectation.over_seeds || !expectation.bound) {
      continue;
    }
    const std::size_t before = evaluations.size();
    for (const MeasureOverSeeds& measure : campaign.measures) {
      if (is_meant(expectation, measure.key)) {
        evaluations.push_back(evaluate(expectation, measure, options));
      }
    }
    if (evaluations.size() == before) {
      MeasureOverSeeds nothing;
      nothing.key = {.measure = expectation.that, .window = window_name(expectation)};
      nothing.without = campaign.runs.size();
      evaluations.push_back(evaluate(expectation, nothing, options));
    }
  }
  return evaluations;
}

Verdict worst_of(const Campaign& campaign) {
  Verdict verdict = campaign.runs.empty() ? Verdict::inconclusive : Verdict::pass;
  for (const CampaignRun& run : campaign.runs) {
    verdict = worst(verdict, run.verdict);
  }
  for (const SeedsEvaluation& evaluation : campaign.evaluations) {
    verdict = worst(verdict, evaluation.verdict);
  }
  return verdict;
}

}  // namespace

CampaignRun campaign_run(const RunRecord& record, const Judgement& judgement) {
  return {.seed = record.seed,
          .digest = record.digest,
          .verdict = judgement.verdict,
          .reasons = reasons_of(judgement),
          .table = judgement.table,
          .length = record.ended_at.time_since_epoch(),
          .wall_seconds = record.wall_seconds};
}

CampaignRun failed_campaign_run(std::uint64_t seed, std::string error) {
  CampaignRun run;
  run.seed = seed;
  run.verdict = Verdict::error;
  run.reasons.push_back(std::move(error));
  return run;
}

std::uint64_t MeasureOverSeeds::worst_seed() const {
  if (!statistics) {
    return 0;
  }
  const MeasureInfo* info = find_measure(key.measure);
  const bool less_is_worse = info != nullptr && info->worse == Worse::lower;
  return less_is_worse ? statistics->seed_of_min : statistics->seed_of_max;
}

std::uint64_t Campaign::count(Verdict verdict_of_run) const {
  return static_cast<std::uint64_t>(
      std::ranges::count(runs, verdict_of_run, &CampaignRun::verdict));
}

Campaign judge_campaign(std::string scenario, std::vector<CampaignRun> runs,
                        const std::vector<Expectation>& expectations,
                        const BootstrapOptions& bootstrap) {
  Campaign campaign;
  campaign.scenario = std::move(scenario);
  campaign.runs = std::move(runs);
  std::ranges::stable_sort(campaign.runs, {}, &CampaignRun::seed);
  for (const MeasureKey& key : keys_of(campaign.runs)) {
    campaign.measures.push_back(over_seeds(key, campaign.runs));
  }
  campaign.evaluations = evaluate_all(campaign, expectations, bootstrap);
  campaign.verdict = worst_of(campaign);
  return campaign;
}

}  // namespace windtunnel::chaos
