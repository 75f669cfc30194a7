#include "models/config/document_set.hpp"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::config {
namespace {

using State = std::map<std::string, Document>;

State applied(State state, const Update& update) {
  if (update.from == 0) {
    state.clear();
  }
  for (const std::string& name : update.removed) {
    state.erase(name);
  }
  for (const Document& document : update.written) {
    state[document.name] = document;
  }
  return state;
}

TEST(DocumentSet, LeadsFromEveryEarlierStateToThePresentByDeltaOrSaysThatItCannot) {
  std::size_t impossible = 0;
  std::size_t deltas = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    RandomStream random{seed, "document_set_test"};
    DocumentSet set{4};
    std::vector<State> states{{}};
    for (std::uint64_t revision = 1; revision <= 120; ++revision) {
      State state = states.back();
      const std::string name = std::to_string(random.below(12));
      if (random.below(4) == 0) {
        set.remove(name, revision);
        state.erase(name);
      } else {
        const Document document{name, SharedBytes{std::to_string(revision)}, revision};
        set.write(document);
        state[name] = document;
      }
      set.advance_to(revision);
      states.push_back(std::move(state));
      ASSERT_EQ(applied({}, set.snapshot()), states.back());
      const std::uint64_t from = 1 + random.below(revision);
      const auto delta = set.delta(from);
      impossible += delta ? 0U : 1U;
      if (delta) {
        ++deltas;
        ASSERT_EQ(applied(states[from], *delta), states.back()) << "seed " << seed;
        // A delta that begins earlier does no harm to a state in between.
        const std::uint64_t between = from + random.below(revision - from + 1);
        ASSERT_EQ(applied(states[between], *delta), states.back()) << "seed " << seed;
      }
    }
  }
  EXPECT_GT(impossible, 0U);
  EXPECT_GT(deltas, 1000U);
}

}  // namespace
}  // namespace windtunnel::config
