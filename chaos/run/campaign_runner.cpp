#include "chaos/run/campaign_runner.hpp"

#include <atomic>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>

#include "chaos/run/runner.hpp"

namespace windtunnel::chaos {

namespace {

/// Thrown through a run that is given up.
struct GivenUp {};

CampaignRun run_seed(const Scenario& scenario, std::uint64_t seed,
                     const std::function<bool()>& wants_stop) {
  RunOptions options;
  options.on_progress = [&wants_stop](double) {
    if (wants_stop && wants_stop()) {
      throw GivenUp{};
    }
  };
  try {
    const Plan plan = make_plan(scenario, seed);
    const RunRecord record = run_plan(plan, options);
    const JudgementOptions judging{measure_options_of(plan), OverSeeds::judged_later};
    return campaign_run(record, judge(record, plan.expectations, judging));
  } catch (const std::exception& error) {
    return failed_campaign_run(seed, error.what());
  }
}

}  // namespace

std::vector<CampaignRun> run_seeds(const Scenario& scenario, std::span<const std::uint64_t> seeds,
                                   const SeedsOptions& options) {
  std::vector<std::optional<CampaignRun>> results(seeds.size());
  std::atomic<std::size_t> next{0};
  std::mutex reporting;
  CampaignProgress progress{0, seeds.size(), 0};
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < seeds.size(); i = next++) {
        const CampaignRun& run =
            results[i].emplace(run_seed(scenario, seeds[i], options.wants_stop));
        const std::lock_guard lock{reporting};
        ++progress.finished;
        progress.not_passed += run.verdict == Verdict::pass ? 0U : 1U;
        if (options.on_progress) {
          options.on_progress(progress);
        }
      }
    } catch (const GivenUp&) {
      next = seeds.size();
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < options.jobs; ++i) {
    threads.emplace_back(work);
  }
  work();
  for (std::thread& thread : threads) {
    thread.join();
  }
  std::vector<CampaignRun> runs;
  for (std::optional<CampaignRun>& result : results) {
    if (result) {
      runs.push_back(std::move(*result));
    }
  }
  return runs;
}

Campaign run_campaign(const Scenario& scenario, const CampaignOptions& options) {
  std::vector<std::uint64_t> seeds(options.last_seed - options.first_seed + 1);
  std::iota(seeds.begin(), seeds.end(), options.first_seed);
  std::vector<CampaignRun> runs =
      run_seeds(scenario, seeds, {options.jobs, options.on_progress, nullptr});
  const std::vector<Expectation> expectations =
      make_plan(scenario, options.first_seed).expectations;
  return judge_campaign(scenario.name(), std::move(runs), expectations);
}

}  // namespace windtunnel::chaos
