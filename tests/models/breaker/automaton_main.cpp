// Enumerates the breaker to the depth given and says what it found; a mutant of the breaker is
// caught by the same program.
#include <cstdio>
#include <cstdlib>

#include "tests/models/breaker/automaton.hpp"

int main(int argc, char** argv) {
  using windtunnel::breaker::Merge;
  const int depth = argc > 1 ? std::atoi(argv[1]) : 12;
  const auto found = windtunnel::breaker::explore(depth, Merge::equal_states);
  std::printf("depth %d: %llu states, %llu steps, %llu of them transitions\n", depth,
              static_cast<unsigned long long>(found.states),
              static_cast<unsigned long long>(found.steps),
              static_cast<unsigned long long>(found.transitions));
  if (!found.breach.empty()) {
    std::printf("caught: %s\n", found.breach.c_str());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
