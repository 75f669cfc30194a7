// usage: bounded_load_swarm FIRST LAST: runs those seeds, and ends at the first breach.
#include <cstdlib>
#include <iostream>

#include "tests/models/balance_hash/bounded_load_swarm.hpp"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: bounded_load_swarm FIRST LAST\n";
    return 2;
  }
  const std::uint64_t last = std::strtoull(argv[2], nullptr, 10);
  for (std::uint64_t seed = std::strtoull(argv[1], nullptr, 10); seed <= last; ++seed) {
    if (const auto breach = windtunnel::balance::breach_of_bounded_load(seed)) {
      std::cout << "caught with seed " << seed << ": " << *breach << '\n';
      return 1;
    }
  }
  std::cout << "no breach\n";
  return 0;
}
