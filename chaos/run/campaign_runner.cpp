#include "chaos/run/campaign_runner.hpp"

#include <atomic>
#include <mutex>
#include <thread>

#include "chaos/run/runner.hpp"

namespace windtunnel::chaos {

namespace {

CampaignRun run_seed(const Scenario& scenario, std::uint64_t seed) {
  try {
    const Plan plan = make_plan(scenario, seed);
    const RunRecord record = run_plan(plan);
    const JudgementOptions options{measure_options_of(plan), OverSeeds::judged_later};
    return campaign_run(record, judge(record, plan.expectations, options));
  } catch (const std::exception& error) {
    return failed_campaign_run(seed, error.what());
  }
}

}  // namespace

Campaign run_campaign(const Scenario& scenario, const CampaignOptions& options) {
  const std::size_t total = static_cast<std::size_t>(options.last_seed - options.first_seed + 1);
  std::vector<CampaignRun> runs(total);
  std::atomic<std::size_t> next{0};
  std::mutex reporting;
  CampaignProgress progress{0, total, 0};
  const auto work = [&] {
    for (std::size_t i = next++; i < total; i = next++) {
      runs[i] = run_seed(scenario, options.first_seed + i);
      const std::lock_guard lock{reporting};
      ++progress.finished;
      progress.not_passed += runs[i].verdict == Verdict::pass ? 0U : 1U;
      if (options.on_progress) {
        options.on_progress(progress);
      }
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
  const std::vector<Expectation> expectations =
      make_plan(scenario, options.first_seed).expectations;
  return judge_campaign(scenario.name(), std::move(runs), expectations);
}

}  // namespace windtunnel::chaos
