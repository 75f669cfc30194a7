// The supermarket model: Poisson arrivals at rate λ per server, exponential service, each arrival
// joins the shortest of d queues. For many servers the mean time in system is
// Σ_{i≥1} λ^((d^i − d)/(d − 1)) service times (Mitzenmacher 1996; Vvedenskaya, Dobrushin,
// Karpelevich 1996).
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/balance/envoy_least_request.hpp"
#include "models/balance/haproxy_least_conn.hpp"
#include "models/balance/power_of_choices.hpp"
#include "models/balance/random_choice.hpp"
#include "tests/models/balance/made_endpoints.hpp"

namespace windtunnel::balance {
namespace {

constexpr std::uint32_t kServers = 2000;

double closed_form(double load, int choices) {
  if (choices == 1) {
    return 1 / (1 - load);
  }
  double sum = 0;
  double power = 1;
  for (int i = 1; i < 12; ++i) {
    power *= choices;
    sum += std::pow(load, (power - choices) / (choices - 1));
  }
  return sum;
}

/// The servers as a Markov chain: the next event is an arrival or the end of service at any one of
/// the busy servers, each with its rate's probability, so that no queue of events is needed.
class Supermarket {
 public:
  explicit Supermarket(double load) : load_(load), random_(1, "supermarket") {
    places_.resize(kServers, kIdle);
  }

  EndpointLoads& loads() { return made_.loads; }
  PolicyInput input() const { return made_.input(2); }

  struct Seen {
    double time_in_system = 0;  ///< Mean, by Little's law.
    double load = 0;            ///< The share of time in which a server was busy.
  };

  Seen run(Policy& policy, double span) {
    double time = 0;
    double area = 0;
    double busy_area = 0;
    std::uint64_t arrivals = 0;
    while (time < span) {
      const double arrival_rate = load_ * kServers;
      const double rate = arrival_rate + static_cast<double>(busy_.size());
      const double step = random_.exponential() / rate;
      time += step;
      area += step * static_cast<double>(made_.loads.total_active());
      busy_area += step * static_cast<double>(busy_.size());
      if (random_.unit() * rate < arrival_rate) {
        ++arrivals;
        arrive(*policy.pick(Instant{}, {}));
      } else {
        depart(policy, busy_[random_.below(busy_.size())]);
      }
    }
    return {area / static_cast<double>(arrivals), busy_area / time / kServers};
  }

 private:
  static constexpr std::size_t kIdle = ~std::size_t{0};

  void arrive(EndpointId server) {
    made_.loads.begin(server);
    if (places_[server.value()] == kIdle) {
      places_[server.value()] = busy_.size();
      busy_.push_back(server);
    }
  }

  void depart(Policy& policy, EndpointId server) {
    made_.loads.end(server);
    policy.observe(Instant{}, {server, Duration{}, true});
    if (made_.loads.active(server) == 0) {
      const std::size_t place = places_[server.value()];
      busy_[place] = busy_.back();
      places_[busy_[place].value()] = place;
      busy_.pop_back();
      places_[server.value()] = kIdle;
    }
  }

  double load_;
  MadeEndpoints made_{std::vector<std::uint32_t>(kServers, 1)};
  RandomStream random_;
  std::vector<EndpointId> busy_;
  std::vector<std::size_t> places_;
};

/// The mean time in system over what the closed form gives for the load that came about. That load
/// strays from the one asked for by a few parts in ten thousand, which near saturation moves the
/// mean by per cents.
template <typename PolicyType, typename Spec>
double ratio_to_closed_form(double load, int choices, Spec spec) {
  Supermarket supermarket{load};
  PolicyType policy{spec, supermarket.input()};
  // Longer warm-ups change the ratios below by less than their noise.
  const double warm_up = std::min(20 / (1 - load), 400.0);
  static_cast<void>(supermarket.run(policy, warm_up));
  const Supermarket::Seen seen = supermarket.run(policy, 300 + warm_up);
  EXPECT_NEAR(seen.load, load, 0.003);
  return seen.time_in_system / closed_form(seen.load, choices);
}

class SupermarketModel : public testing::TestWithParam<double> {};

TEST_P(SupermarketModel, HoldsForTwoChoices) {
  const double ratio = ratio_to_closed_form<PowerOfChoices>(GetParam(), 2, PowerOfChoicesSpec{2});
  RecordProperty("ratio", std::to_string(ratio));
  EXPECT_NEAR(ratio, 1, 0.01);
}

TEST_P(SupermarketModel, HoldsForThreeChoices) {
  const double ratio = ratio_to_closed_form<PowerOfChoices>(GetParam(), 3, PowerOfChoicesSpec{3});
  RecordProperty("ratio", std::to_string(ratio));
  EXPECT_NEAR(ratio, 1, 0.01);
}

TEST_P(SupermarketModel, HoldsForEnvoysDrawsWithReplacement) {
  const double ratio =
      ratio_to_closed_form<EnvoyLeastRequest>(GetParam(), 2, EnvoyLeastRequestSpec{});
  RecordProperty("ratio", std::to_string(ratio));
  EXPECT_NEAR(ratio, 1, 0.01);
}

INSTANTIATE_TEST_SUITE_P(Load, SupermarketModel, testing::Values(0.5, 0.7, 0.8, 0.9, 0.95, 0.99));

// The published table, which the formula above must give.
TEST(SupermarketFormula, GivesThePublishedTable) {
  EXPECT_NEAR(closed_form(0.5, 2), 1.2657, 5e-5);
  EXPECT_NEAR(closed_form(0.9, 2), 2.6141, 5e-5);
  EXPECT_NEAR(closed_form(0.99, 2), 5.4320, 5e-5);
  EXPECT_NEAR(closed_form(0.9, 3), 2.0279, 5e-5);
  EXPECT_NEAR(closed_form(0.99, 3), 3.8578, 5e-5);
}

TEST(Supermarket, RandomIsAnMM1QueuePerServer) {
  EXPECT_NEAR(ratio_to_closed_form<RandomChoice>(0.8, 1, RandomChoiceSpec{}), 1, 0.02);
}

// Among many servers one is always idle, so the shortest of all queues means no queueing: the
// closed form for many choices is 1.
TEST(Supermarket, TheShortestOfAllQueuesLeavesNobodyWaiting) {
  EXPECT_NEAR((ratio_to_closed_form<HaproxyLeastConn>(0.9, kServers, HaproxyLeastConnSpec{})), 1,
              0.005);
}

// One choice instead of two is far outside the tolerance at every load above.
TEST(Supermarket, WouldBeMissedByFarWithoutTheChoice) {
  EXPECT_GT((ratio_to_closed_form<RandomChoice>(0.5, 2, RandomChoiceSpec{})), 1.5);
}

}  // namespace
}  // namespace windtunnel::balance
