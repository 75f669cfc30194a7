// Compares the station with the plain one over a range of seeds: station_swarm FIRST LAST.
#include <cstdlib>
#include <iostream>

#include "tests/models/service/station_swarm.hpp"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: station_swarm FIRST LAST\n";
    return 2;
  }
  const std::uint64_t last = std::strtoull(argv[2], nullptr, 10);
  for (std::uint64_t seed = std::strtoull(argv[1], nullptr, 10); seed <= last; ++seed) {
    if (const auto difference = windtunnel::service::difference_for(seed)) {
      std::cout << "caught with seed " << seed << ": " << *difference << '\n';
      return 1;
    }
  }
  std::cout << "no difference\n";
  return 0;
}
