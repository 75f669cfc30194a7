#include "tests/models/breaker/automaton.hpp"

#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tests/models/breaker/walk.hpp"

namespace windtunnel::breaker {

namespace {

using Path = std::vector<Input>;

std::string told(const Path& path, std::string_view breach) {
  std::string text{breach};
  text += " after:";
  for (const Input input : path) {
    text += ' ';
    text += kInputNames[static_cast<std::size_t>(input)];
    text += ';';
  }
  return text;
}

Walk walked(const Path& path) {
  Walk walk;
  for (const Input input : path) {
    walk.apply(input);
  }
  return walk;
}

}  // namespace

Exploration explore(int depth, Merge merge) {
  Exploration found;
  std::unordered_set<std::string> seen{Walk{}.key()};
  std::vector<Path> frontier{Path{}};
  found.states = 1;
  for (int level = 0; level < depth && found.breach.empty(); ++level) {
    std::vector<Path> next;
    for (const Path& path : frontier) {
      const Walk here = walked(path);
      for (std::size_t number = 0; number < kInputNames.size(); ++number) {
        const auto input = static_cast<Input>(number);
        Walk walk = here;
        if (!walk.apply(input)) {
          continue;
        }
        ++found.steps;
        found.transitions += walk.transitions() > here.transitions() ? 1U : 0U;
        Path onward = path;
        onward.push_back(input);
        if (!walk.breach().empty()) {
          found.breach = told(onward, walk.breach());
          return found;
        }
        const bool is_new = seen.insert(walk.key()).second;
        found.states += is_new ? 1U : 0U;
        if (is_new || merge == Merge::never) {
          next.push_back(std::move(onward));
        }
      }
    }
    frontier = std::move(next);
  }
  return found;
}

}  // namespace windtunnel::breaker
