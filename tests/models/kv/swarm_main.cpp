// Runs the swarm over a range of seeds and says which seed broke a promise first: exit code 1 then.
// usage: kv_swarm FIRST LAST
#include <cstdio>
#include <cstdlib>

#include "tests/models/kv/swarm.hpp"

int main(int count, char** arguments) {
  using windtunnel::kv::SwarmTally;
  if (count != 3) {
    std::fputs("usage: kv_swarm FIRST LAST\n", stderr);
    return 3;
  }
  SwarmTally tally;
  const std::uint64_t last = std::strtoull(arguments[2], nullptr, 10);
  for (std::uint64_t seed = std::strtoull(arguments[1], nullptr, 10); seed <= last; ++seed) {
    if (const auto breach = windtunnel::kv::run_swarm(seed, tally)) {
      std::printf("caught: %s, with seed %llu\n", breach->c_str(),
                  static_cast<unsigned long long>(seed));
      return 1;
    }
  }
  std::printf(
      "clean: %llu leaders, %llu events, %llu resumptions, %llu lists, %llu increments, %llu "
      "conflicts, %llu leases expired\n",
      static_cast<unsigned long long>(tally.leaders), static_cast<unsigned long long>(tally.events),
      static_cast<unsigned long long>(tally.resumptions),
      static_cast<unsigned long long>(tally.lists),
      static_cast<unsigned long long>(tally.increments),
      static_cast<unsigned long long>(tally.conflicts),
      static_cast<unsigned long long>(tally.leases_expired));
  return 0;
}
