#include "models/balance/nginx_round_robin.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/models/balance/made_endpoints.hpp"

namespace windtunnel::balance {
namespace {

using Weights = std::vector<std::uint32_t>;

std::string letters(Policy& policy, int count, Instant now = {}) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += static_cast<char>('a' + policy.pick(now, {})->value());
  }
  return text;
}

/// nginx's own loop over all peers.
class NaiveUpstream {
 public:
  NaiveUpstream(NginxSpec spec, const Weights& weights) : spec_(spec) {
    for (const std::uint32_t weight : weights) {
      peers_.push_back({.weight = weight, .effective_weight = weight});
    }
  }

  std::optional<EndpointId> pick(Instant instant, const std::vector<EndpointId>& tried) {
    if (peers_.size() == 1) {
      return EndpointId{0};
    }
    const NginxSeconds now = nginx_seconds(instant);
    std::optional<std::uint32_t> best;
    std::int64_t total = 0;
    for (std::uint32_t i = 0; i < peers_.size(); ++i) {
      if (peers_[i].is_left_alone(spec_, now) ||
          std::find(tried.begin(), tried.end(), EndpointId{i}) != tried.end()) {
        continue;
      }
      total += peers_[i].effective_weight;
      peers_[i].gain();
      if (!best || peers_[i].current_weight > peers_[*best].current_weight) {
        best = i;
      }
    }
    if (!best) {
      return std::nullopt;
    }
    peers_[*best].current_weight -= total;
    peers_[*best].use(spec_, now);
    return EndpointId{*best};
  }

  void settle(std::uint32_t index, Instant now, bool succeeded) {
    if (peers_.size() == 1) {
      return;
    }
    if (succeeded) {
      peers_[index].succeed();
    } else {
      peers_[index].fail(spec_, nginx_seconds(now));
    }
  }

  [[nodiscard]] const NginxPeer& peer(Slot slot) const { return peers_[slot]; }

 private:
  NginxSpec spec_;
  std::vector<NginxPeer> peers_;
};

Weights any_weights() {
  // Few different weights, so that classes have several members, among some of any size.
  return *rc::gen::nonEmpty(rc::gen::container<Weights>(rc::gen::oneOf(
      rc::gen::inRange<std::uint32_t>(1, 4), rc::gen::inRange<std::uint32_t>(1, 300))));
}

TEST(NginxRoundRobin, GivesThePublishedSequence) {
  MadeEndpoints made{{5, 1, 1}};
  NginxRoundRobin policy{{}, made.input(1)};
  EXPECT_EQ(letters(policy, 14), "aabacaaaabacaa");
}

TEST(NginxRoundRobin, LeavesOutWeightZero) {
  MadeEndpoints made{{1, 0, 1}};
  NginxRoundRobin policy{{}, made.input(1)};
  EXPECT_EQ(letters(policy, 6), "acacac");
}

TEST(NginxRoundRobin, PicksNobodyFromNothing) {
  MadeEndpoints made{{}};
  NginxRoundRobin policy{{}, made.input(1)};
  EXPECT_EQ(policy.pick(Instant{}, {}), std::nullopt);
}

TEST(NginxRoundRobin, PicksALonePeerWhateverItFailed) {
  MadeEndpoints made{{1}};
  NginxRoundRobin policy{{}, made.input(1)};
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(policy.pick(Instant{}, {}), EndpointId{0});
    policy.observe(Instant{}, {EndpointId{0}, Duration{}, false});
  }
}

TEST(NginxRoundRobin, LeavesAFailedPeerAloneForTheTimeoutAndThenTriesItOnce) {
  MadeEndpoints made{{1, 1}};
  NginxRoundRobin policy{{.max_fails = 1, .fail_timeout = std::chrono::seconds{10}}, made.input(1)};
  const auto at = [](int seconds) { return Instant{std::chrono::seconds{seconds}}; };
  ASSERT_EQ(policy.pick(at(0), {}), EndpointId{0});
  policy.observe(at(0), {EndpointId{0}, Duration{}, false});
  EXPECT_EQ(letters(policy, 3, at(0)), "bbb");
  EXPECT_EQ(letters(policy, 3, at(10)), "bbb");
  // Its weight has to come back first; then it gets one request, and no other until that succeeds.
  EXPECT_EQ(letters(policy, 3, at(11)), "bba");
  EXPECT_EQ(letters(policy, 3, at(11)), "bbb");
  EXPECT_EQ(letters(policy, 3, at(21)), "bbb");
  policy.observe(at(21), {EndpointId{0}, Duration{}, true});
  EXPECT_EQ(letters(policy, 4, at(21)), "baba");
}

RC_GTEST_PROP(NginxRoundRobin, CountsAreExactOverAnyPeriod, ()) {
  const Weights weights = any_weights();
  MadeEndpoints made{weights};
  NginxRoundRobin policy{{}, made.input(1)};
  std::uint64_t period = 0;
  for (const std::uint32_t weight : weights) {
    period += weight;
  }
  const auto before = *rc::gen::inRange<std::uint64_t>(0, 2 * period);
  for (std::uint64_t i = 0; i < before; ++i) {
    RC_ASSERT(policy.pick(Instant{}, {}));
  }
  std::vector<std::uint32_t> counts(weights.size());
  for (std::uint64_t i = 0; i < period; ++i) {
    ++counts[policy.pick(Instant{}, {})->value()];
  }
  RC_ASSERT(counts == weights);
}

RC_GTEST_PROP(NginxRoundRobin, AgreesWithNginxsLoopOverRetriesAndFailures, ()) {
  const Weights weights = any_weights();
  const NginxSpec spec{.max_fails = *rc::gen::inRange<std::uint32_t>(0, 4),
                       .fail_timeout = std::chrono::seconds{*rc::gen::inRange(0, 5)}};
  MadeEndpoints made{weights};
  NginxRoundRobin fast{spec, made.input(1)};
  NaiveUpstream naive{spec, weights};
  RandomStream script{*rc::gen::arbitrary<std::uint64_t>(), "script"};
  const std::uint64_t failing = *rc::gen::inRange<std::uint64_t>(0, 40);
  Instant now{};
  for (int step = 0; step < 400; ++step) {
    now += Duration{static_cast<std::int64_t>(script.below(300'000'000))};
    std::vector<EndpointId> tried;
    while (script.below(10) == 0) {
      tried.emplace_back(static_cast<std::uint32_t>(script.below(weights.size() + 1)));
    }
    const auto theirs = naive.pick(now, tried);
    RC_ASSERT(fast.pick(now, after(tried)) == theirs);
    for (Slot slot = 0; slot < weights.size(); ++slot) {
      RC_ASSERT(fast.peers().current_weight(slot) == naive.peer(slot).current_weight);
      RC_ASSERT(fast.peers().effective_weight(slot) == naive.peer(slot).effective_weight);
    }
    // Late results of whichever peer too, not only of the one just picked.
    const auto ended = script.below(4) == 0 || !theirs
                           ? static_cast<std::uint32_t>(script.below(weights.size()))
                           : theirs->value();
    const bool succeeded = script.below(100) >= failing;
    fast.observe(now, {EndpointId{ended}, Duration{}, succeeded});
    naive.settle(ended, now, succeeded);
  }
}

}  // namespace
}  // namespace windtunnel::balance
