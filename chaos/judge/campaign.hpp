// A campaign: one scenario run with many seeds, judged together. Running it is the runner's
// business, showing it that of report_campaign.hpp, csv.hpp and report_json.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chaos/judge/expectation.hpp"
#include "chaos/judge/judgement.hpp"
#include "chaos/judge/verdict.hpp"
#include "chaos/measure/statistics.hpp"

namespace windtunnel::chaos {

/// What a campaign keeps of one run. A run that ended in an error of our own has that error and no
/// measures.
struct CampaignRun {
  std::uint64_t seed = 0;
  std::string digest;
  Verdict verdict = Verdict::inconclusive;
  std::vector<std::string> reasons;  ///< Why the verdict is not `pass`.
  MeasureTable table;
  Duration length{};
  double wall_seconds = 0;
};

[[nodiscard]] CampaignRun campaign_run(const RunRecord& record, const Judgement& judgement);
[[nodiscard]] CampaignRun failed_campaign_run(std::uint64_t seed, std::string error);

/// One measure over all seeds.
struct MeasureOverSeeds {
  MeasureKey key;
  std::vector<SeedSample> samples;  ///< By seed; the censored ones are infinite.
  std::uint64_t without = 0;  ///< Runs in which it had no value: no evidence or not applicable.
  std::optional<SampleStatistics> statistics;  ///< Absent without samples.

  /// The seed to look at first: of the largest value, or of the smallest where less is worse.
  [[nodiscard]] std::uint64_t worst_seed() const;
};

/// An expectation with `over_seeds`, held against the statistic that it names.
struct SeedsEvaluation {
  Expectation expectation;
  std::string name;                  ///< "p95 of control_plane.recovery_time@leader-loss".
  std::optional<double> observed;    ///< Seconds, count or share; absent without samples.
  std::optional<Interval> interval;  ///< Bootstrap, 95 %.
  std::uint64_t n = 0;
  std::uint64_t without = 0;
  Verdict verdict = Verdict::inconclusive;
  std::string explanation;
};

struct Campaign {
  std::string scenario;
  Verdict verdict =
      Verdict::inconclusive;      ///< The worst of all runs and all evaluations over seeds.
  std::vector<CampaignRun> runs;  ///< By seed.
  std::vector<MeasureOverSeeds> measures;
  std::vector<SeedsEvaluation> evaluations;

  [[nodiscard]] std::uint64_t count(Verdict verdict_of_run) const;
};

/// Judges the runs together. `runs` come in any order, as they finish; the result does not depend
/// on it. A campaign without runs is inconclusive.
[[nodiscard]] Campaign judge_campaign(std::string scenario, std::vector<CampaignRun> runs,
                                      const std::vector<Expectation>& expectations,
                                      const BootstrapOptions& bootstrap = {});

}  // namespace windtunnel::chaos
