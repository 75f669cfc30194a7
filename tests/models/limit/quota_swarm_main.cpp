// usage: quota_swarm FIRST LAST. Runs these seeds, prints the first breach and the one command that
// replays it, and fails on it; where there is none, prints what the seeds did.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/models/limit/quota_swarm.hpp"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: quota_swarm FIRST LAST\n");
    return 3;
  }
  const std::uint64_t last = std::strtoull(argv[2], nullptr, 10);
  windtunnel::limit::QuotaSwarmRun all;
  for (std::uint64_t seed = std::strtoull(argv[1], nullptr, 10); seed <= last; ++seed) {
    const windtunnel::limit::QuotaSwarmRun run = windtunnel::limit::run_quota_swarm(seed);
    if (!run.breach.empty()) {
      std::printf("caught %s with seed %llu; replay: quota_swarm %llu %llu\n", run.breach.c_str(),
                  static_cast<unsigned long long>(seed), static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(seed));
      return 1;
    }
    all.requests += run.requests;
    all.adopted += run.adopted;
    all.server_crashes += run.server_crashes;
    all.client_crashes += run.client_crashes;
    all.renewed_while_learning += run.renewed_while_learning;
    all.full += run.full;
    all.spent += run.spent;
    all.wanted += run.wanted;
    all.held += run.held;
  }
  std::printf(
      "no breach: %llu messages to servers, %llu changes of a quota, %llu crashes of a server, "
      "%llu of "
      "clients, %llu renewals while learning, %llu events at full capacity, %llu requests "
      "admitted\n",
      static_cast<unsigned long long>(all.requests), static_cast<unsigned long long>(all.adopted),
      static_cast<unsigned long long>(all.server_crashes),
      static_cast<unsigned long long>(all.client_crashes),
      static_cast<unsigned long long>(all.renewed_while_learning),
      static_cast<unsigned long long>(all.full), static_cast<unsigned long long>(all.spent));
  std::printf("regret against an omniscient max-min divider: %.1f %% of what it would have lent\n",
              100 * (1 - all.held / all.wanted));
  return 0;
}
