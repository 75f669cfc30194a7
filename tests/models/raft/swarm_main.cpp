// The swarm as a program: swarm FIRST LAST runs those seeds and stops at the first breach with
// "caught INVARIANT with seed N" and exit code 1, or says that all are clean and exits with 0.
#include <cstdint>
#include <cstdio>
#include <string>

#include "tests/models/raft/swarm.hpp"

int main(int argc, char** argv) {
  using windtunnel::raft::SwarmRun;
  if (argc != 3) {
    std::fputs("usage: swarm FIRST LAST\n", stderr);
    return 3;
  }
  const std::uint64_t first = std::stoull(argv[1]);
  const std::uint64_t last = std::stoull(argv[2]);
  SwarmRun total;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const SwarmRun run = windtunnel::raft::run_swarm(seed);
    if (run.breach) {
      std::printf("caught %s with seed %llu: host %u %s\n", run.breach->invariant.c_str(),
                  static_cast<unsigned long long>(seed), run.breach->host.value(),
                  run.breach->what.c_str());
      return 1;
    }
    total.elections += run.elections;
    total.acknowledged += run.acknowledged;
    total.crashes += run.crashes;
    total.reads += run.reads;
  }
  std::printf(
      "clean: seeds %llu to %llu, %llu elections, %llu acknowledged, %llu crashes, %llu reads\n",
      static_cast<unsigned long long>(first), static_cast<unsigned long long>(last),
      static_cast<unsigned long long>(total.elections),
      static_cast<unsigned long long>(total.acknowledged),
      static_cast<unsigned long long>(total.crashes), static_cast<unsigned long long>(total.reads));
  return 0;
}
