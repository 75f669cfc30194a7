// Make before break, by exhaustion: every change from one sound state to another, seen by a request
// at every moment in between.
#include "models/config/steps.hpp"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace windtunnel::config {
namespace {

const Interest kClusters = Interest::in({"clusters/"});

/// Documents by name; a route's content is the cluster that it leads to.
using State = std::map<std::string, std::string>;

bool blackholes(const State& state) {
  for (const auto& [name, content] : state) {
    if (name.starts_with("routes/") && !state.contains("clusters/" + content)) {
      return true;
    }
  }
  return false;
}

/// Two routes that are absent or lead to one of three clusters, and any clusters: all states in
/// which no route leads nowhere.
std::vector<State> sound_states() {
  std::vector<State> states;
  for (int number = 0; number < 4 * 4 * 8; ++number) {
    State state;
    const int routes[] = {number % 4, number / 4 % 4};
    for (int i = 0; i < 2; ++i) {
      if (routes[i] != 0) {
        state["routes/" + std::to_string(i)] = std::to_string(routes[i]);
      }
    }
    for (int cluster = 1; cluster <= 3; ++cluster) {
      if ((number / 16 >> (cluster - 1)) % 2 == 1) {
        state["clusters/" + std::to_string(cluster)] = "endpoints";
      }
    }
    if (!blackholes(state)) {
      states.push_back(std::move(state));
    }
  }
  return states;
}

Update difference(const State& from, const State& to) {
  Update update{1, 2, {}, {}};
  for (const auto& [name, content] : to) {
    const auto before = from.find(name);
    if (before == from.end() || before->second != content) {
      update.written.push_back({name, SharedBytes{content}, 2});
    }
  }
  for (const auto& [name, content] : from) {
    if (!to.contains(name)) {
      update.removed.push_back(name);
    }
  }
  return update;
}

void apply(State& state, const Update& step) {
  for (const std::string& name : step.removed) {
    state.erase(name);
  }
  for (const Document& document : step.written) {
    state[document.name] = std::string{document.content.view()};
  }
}

TEST(Steps, LeaveNoRouteWithoutItsClusterBetweenAnyTwoSoundStates) {
  const std::vector<State> states = sound_states();
  std::size_t moments = 0;
  for (const State& from : states) {
    for (const State& to : states) {
      State state = from;
      for (const Update& step : steps_of(difference(from, to), kClusters)) {
        apply(state, step);
        ++moments;
        ASSERT_FALSE(blackholes(state));
      }
      ASSERT_EQ(state, to);
    }
  }
  EXPECT_GT(moments, 5000U);
}

TEST(Steps, WouldBlackholeRequestsInAnyOtherOrder) {
  const std::vector<State> states = sound_states();
  const std::vector<std::vector<std::size_t>> wrong{
      {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  for (const auto& order : wrong) {
    std::size_t blackholed = 0;
    for (const State& from : states) {
      for (const State& to : states) {
        const std::vector<Update> steps = steps_of(difference(from, to), kClusters);
        State state = from;
        for (const std::size_t place : order) {
          if (steps.size() == order.size()) {
            apply(state, steps[place]);
            blackholed += blackholes(state) ? 1U : 0U;
          }
        }
      }
    }
    EXPECT_GT(blackholed, 0U);
  }
}

TEST(Steps, AreOneWhereNothingIsReferredTo) {
  const Update update{1, 2, {{"a", SharedBytes{"x"}, 2}}, {"b"}};
  const std::vector<Update> steps = steps_of(update, Interest::in({}));
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].written, update.written);
  EXPECT_EQ(steps[0].removed, update.removed);
  EXPECT_TRUE(steps_of({1, 2, {}, {}}, Interest::in({})).empty());
}

}  // namespace
}  // namespace windtunnel::config
