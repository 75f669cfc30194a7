#include "models/limit/pacer.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/random.hpp"
#include "tests/models/limit/trace.hpp"

namespace windtunnel::limit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Pacer, SendsRequestsOneIntervalApartAndSavesNothingUp) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomStream random{seed, "pacer"};
    const Rate rate{static_cast<std::int64_t>(1 + random.below(999)), seconds{1}};
    const Duration interval = rate.time_for(1).whole;
    Pacer pacer{rate, interval * 5, Instant{}};
    Instant last = Instant::min();
    for (const Arrival& arrival : random_trace(random, {.permit = interval})) {
      const Decision decision = pacer.admit(arrival.at);
      if (decision.admitted) {
        const Instant leaves = arrival.at + decision.wait;
        ASSERT_TRUE(last == Instant::min() || leaves - last >= interval) << "seed " << seed;
        ASSERT_LE(decision.wait, interval * 5);
        last = leaves;
      } else {
        ASSERT_TRUE(pacer.peek(arrival.at + decision.retry_after).admitted);
        ASSERT_FALSE(pacer.peek(arrival.at + decision.retry_after - Duration{1}).admitted);
      }
    }
  }
}

TEST(Pacer, ChargesManyPermitsToTheNextRequest) {
  Pacer pacer{Rate::per_second(10), seconds{1}, Instant{}};
  EXPECT_EQ(pacer.admit(Instant{}, 5), Decision::pass());
  EXPECT_EQ(pacer.admit(Instant{}, 1), Decision::pass(milliseconds{500}));
  EXPECT_EQ(pacer.admit(Instant{}, 8), Decision::pass(milliseconds{600}));
  EXPECT_EQ(pacer.admit(Instant{}, 1), Decision::refuse(milliseconds{400}));
}

TEST(Pacer, LosesNothingToRounding) {
  Pacer pacer{Rate::per_second(3), seconds{3'600}, Instant{}};
  Decision decision;
  for (int request = 0; request <= 3'000; ++request) {
    decision = pacer.admit(Instant{});
  }
  EXPECT_EQ(decision.wait, seconds{1'000});
}

// Poisson arrivals at a fixed service time: the mean wait of M/D/1 is ρ / (2 μ (1 − ρ)).
TEST(Pacer, MakesPoissonArrivalsWaitAsTheQueueMD1Says) {
  constexpr double kServiceRate = 1'000;
  for (const double load : {0.5, 0.8, 0.9}) {
    RandomStream random{11, "pacer M/D/1"};
    Pacer pacer{Rate::per_second(1'000), seconds{1'000}, Instant{}};
    constexpr int kBatches = 40;
    constexpr int kBatchRequests = 50'000;
    std::vector<double> means;
    double arrival = 0;
    for (int batch = 0; batch < kBatches; ++batch) {
      double waited = 0;
      for (int request = 0; request < kBatchRequests; ++request) {
        arrival += random.exponential() / (load * kServiceRate);
        const auto now = static_cast<std::int64_t>(arrival * 1e9);
        waited += static_cast<double>(pacer.admit(instant_at<Instant>(now)).wait.count()) / 1e9;
      }
      means.push_back(waited / kBatchRequests);
    }
    double mean = 0;
    for (const double batch : means) {
      mean += batch / kBatches;
    }
    double variance = 0;
    for (const double batch : means) {
      variance += (batch - mean) * (batch - mean) / (kBatches - 1);
    }
    // Batches are long beside the queue's memory; 2.71 is Student's t for 99 % and 39 degrees.
    const double half_width = 2.71 * std::sqrt(variance / kBatches);
    const double expected = load / (2 * kServiceRate * (1 - load));
    EXPECT_NEAR(mean, expected, half_width) << "load " << load;
    EXPECT_LT(half_width, expected * 0.05) << "load " << load;
    RecordProperty("load_" + std::to_string(static_cast<int>(load * 10)), std::to_string(mean));
  }
}

}  // namespace
}  // namespace windtunnel::limit
