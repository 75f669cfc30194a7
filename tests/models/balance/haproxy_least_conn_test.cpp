#include "models/balance/haproxy_least_conn.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "tests/models/balance/made_endpoints.hpp"

namespace windtunnel::balance {
namespace {

/// A list kept in order by sorting it, in which whoever changes goes behind its equals.
class NaiveList {
 public:
  explicit NaiveList(const std::vector<std::uint32_t>& weights) : weights_(weights) {
    for (std::uint32_t i = 0; i < weights.size(); ++i) {
      order_.push_back(i);
    }
    active_.resize(weights.size());
  }

  std::uint32_t pick(const std::vector<EndpointId>& tried) {
    const auto untried = std::find_if(order_.begin(), order_.end(), [&](std::uint32_t i) {
      return std::find(tried.begin(), tried.end(), EndpointId{i}) == tried.end();
    });
    const std::uint32_t picked = *untried;
    change(picked, 1);
    return picked;
  }

  void end(std::uint32_t index) { change(index, -1); }

 private:
  void change(std::uint32_t index, int by) {
    active_[index] += by;
    order_.erase(std::find(order_.begin(), order_.end(), index));
    order_.push_back(index);
    std::stable_sort(order_.begin(), order_.end(), [this](std::uint32_t left, std::uint32_t right) {
      return key(left) < key(right);
    });
  }

  [[nodiscard]] int key(std::uint32_t index) const {
    return active_[index] == 0
               ? 0
               : (active_[index] + 1) * 4096 / static_cast<int>(16 * weights_[index]);
  }

  std::vector<std::uint32_t> weights_;
  std::vector<std::uint32_t> order_;
  std::vector<int> active_;
};

TEST(HaproxyLeastConn, AgreesWithASortedListWhetherLoadsEndBeforeOrAfterTheReport) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomStream script{seed, "script"};
    std::vector<std::uint32_t> weights;
    for (std::uint64_t i = 2 + script.below(9); i-- > 0;) {
      weights.push_back(1 + static_cast<std::uint32_t>(script.below(5)));
    }
    MadeEndpoints made{weights};
    HaproxyLeastConn fast{{}, made.input(1)};
    NaiveList naive{weights};
    std::vector<EndpointId> under_way;
    for (int step = 0; step < 500; ++step) {
      if (!under_way.empty() && script.below(10) < (under_way.size() < 20 ? 4U : 7U)) {
        std::swap(under_way[script.below(under_way.size())], under_way.back());
        const EndpointId ended = under_way.back();
        under_way.pop_back();
        const bool is_told_first = script.below(2) == 0;
        if (is_told_first) {
          fast.observe(Instant{}, {ended, Duration{}, true});
        }
        made.loads.end(ended);
        if (!is_told_first) {
          fast.observe(Instant{}, {ended, Duration{}, true});
        }
        naive.end(ended.value());
        continue;
      }
      std::vector<EndpointId> tried;
      if (script.below(5) == 0) {
        tried.emplace_back(static_cast<std::uint32_t>(script.below(weights.size())));
      }
      const auto picked = fast.pick(Instant{}, after(tried));
      ASSERT_EQ(picked->value(), naive.pick(tried)) << "seed " << seed << ", step " << step;
      made.loads.begin(*picked);
      under_way.push_back(*picked);
    }
  }
}

TEST(HaproxyLeastConn, SeesLoadThatAnotherChooserAdded) {
  MadeEndpoints made{{1, 1, 1}};
  HaproxyLeastConn policy{{}, made.input(1)};
  made.loads.begin(EndpointId{0});
  made.loads.begin(EndpointId{1});
  EXPECT_EQ(policy.pick(Instant{}, {}), EndpointId{2});
}

TEST(HaproxyLeastConn, PicksATriedEndpointWhereNothingElseIsLeft) {
  MadeEndpoints made{{1}};
  HaproxyLeastConn policy{{}, made.input(1)};
  const std::vector<EndpointId> tried{EndpointId{0}};
  EXPECT_EQ(policy.pick(Instant{}, after(tried)), EndpointId{0});
}

}  // namespace
}  // namespace windtunnel::balance
