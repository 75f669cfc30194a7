// Runs one scenario with many seeds on several threads. The result does not depend on how many.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "chaos/judge/campaign.hpp"
#include "chaos/scenario/scenario.hpp"

namespace windtunnel::chaos {

struct CampaignProgress {
  std::size_t finished = 0;
  std::size_t total = 0;
  std::size_t not_passed = 0;
};

struct SeedsOptions {
  unsigned jobs = 1;
  /// Called after each run, from one thread at a time.
  std::function<void(const CampaignProgress&)> on_progress;
  /// Asked often and from every thread. Once true, the runs under way are given up.
  std::function<bool()> wants_stop;
};

/// One run per seed, in the order of the seeds; what was given up is missing. A run that ends in a
/// mistake of our own says so.
[[nodiscard]] std::vector<CampaignRun> run_seeds(const Scenario& scenario,
                                                 std::span<const std::uint64_t> seeds,
                                                 const SeedsOptions& options);

struct CampaignOptions {
  std::uint64_t first_seed = 0;
  std::uint64_t last_seed = 0;  ///< Included.
  unsigned jobs = 1;
  /// Called after each run, from one thread at a time.
  std::function<void(const CampaignProgress&)> on_progress;
};

[[nodiscard]] Campaign run_campaign(const Scenario& scenario, const CampaignOptions& options);

}  // namespace windtunnel::chaos
