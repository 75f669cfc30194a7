// Adaptive limits in a closed loop with a queue: Poisson arrivals at twice what the servers can do,
// exponential service, and a limit in front. The knee is at as many calls as there are servers:
// fewer leave servers idle, more wait.
#include <functional>
#include <memory>
#include <queue>
#include <vector>

#include <gtest/gtest.h>

#include "models/breaker/aimd_limit.hpp"
#include "models/breaker/concurrency_limiter.hpp"
#include "models/breaker/envoy_gradient_limit.hpp"
#include "models/breaker/gradient2_limit.hpp"
#include "models/breaker/vegas_limit.hpp"
#include "models/breaker/windowed_limit.hpp"

namespace windtunnel::breaker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kServers = 40;
constexpr Duration kService = milliseconds{50};

struct Measures {
  double utilization = 0;  ///< Completions over what the servers can do.
  double rtt_ratio = 0;    ///< Mean time of a call over its mean service time.
  double limit = 0;        ///< Mean.
};

/// An M/M/c queue behind a limiter.
class Loop {
 public:
  Loop(std::unique_ptr<ConcurrencyLimit> limit, std::uint64_t seed)
      : limiter_(std::move(limit)), arrivals_(seed, "arrivals"), service_(seed, "service") {}

  Measures run(Duration length) {
    const Instant half{length / 2};
    const double gap = static_cast<double>(kService.count()) / (2.0 * kServers);
    Instant arrival{};
    while (arrival < Instant{length}) {
      while (!serving_.empty() && serving_.top().end <= arrival) {
        finish(half);
      }
      if (const auto permit = limiter_.admit(arrival)) {
        waiting_.push(*permit);
        start(arrival);
      }
      if (arrival >= half) {
        limit_sum_ += limiter_.limit(arrival);
        ++limit_count_;
      }
      arrival += Duration{static_cast<std::int64_t>(arrivals_.exponential() * gap) + 1};
    }
    const double able = static_cast<double>((length / 2).count()) * kServers /
                        static_cast<double>(kService.count());
    return {static_cast<double>(ended_) / able,
            rtt_sum_ / static_cast<double>(ended_) / static_cast<double>(kService.count()),
            limit_sum_ / static_cast<double>(limit_count_)};
  }

 private:
  struct Serving {
    Instant end;
    LimitPermit permit;
    friend bool operator>(const Serving& left, const Serving& right) {
      return left.end > right.end;
    }
  };

  void start(Instant now) {
    while (serving_.size() < kServers && !waiting_.empty()) {
      const double span = service_.exponential() * static_cast<double>(kService.count());
      serving_.push({now + Duration{static_cast<std::int64_t>(span) + 1}, waiting_.front()});
      waiting_.pop();
    }
  }

  void finish(Instant half) {
    const Serving done = serving_.top();
    serving_.pop();
    const Duration rtt = done.end - done.permit.admitted;
    limiter_.settle(done.end, done.permit, LimitOutcome::succeeded);
    if (done.end >= half) {
      ++ended_;
      rtt_sum_ += static_cast<double>(rtt.count());
    }
    start(done.end);
  }

  ConcurrencyLimiter limiter_;
  RandomStream arrivals_;
  RandomStream service_;
  std::queue<LimitPermit> waiting_;
  std::priority_queue<Serving, std::vector<Serving>, std::greater<>> serving_;
  std::uint64_t ended_ = 0;
  double rtt_sum_ = 0;
  double limit_sum_ = 0;
  std::uint64_t limit_count_ = 0;
};

using MakeLimit = std::function<std::unique_ptr<ConcurrencyLimit>(RandomStream)>;

struct Expected {
  double utilization_least;       ///< Of each seed.
  double utilization_mean_least;  ///< Over the seeds.
  double rtt_ratio_most;
  double limit_least;
  double limit_most;
};

void expect_knee(const MakeLimit& make, const Expected& expected) {
  constexpr std::uint64_t kSeeds = 10;
  double utilization_sum = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Measures measures = Loop{make(RandomStream{seed, "limit"}), seed}.run(seconds{400});
    const auto report = ::testing::Message()
                        << "seed " << seed << ": utilization " << measures.utilization
                        << ", rtt/service " << measures.rtt_ratio << ", limit " << measures.limit;
    EXPECT_GE(measures.utilization, expected.utilization_least) << report;
    EXPECT_LE(measures.rtt_ratio, expected.rtt_ratio_most) << report;
    EXPECT_GE(measures.limit, expected.limit_least) << report;
    EXPECT_LE(measures.limit, expected.limit_most) << report;
    utilization_sum += measures.utilization;
  }
  EXPECT_GE(utilization_sum / kSeeds, expected.utilization_mean_least);
}

/// Never learns: what the loop does without help, and the check of the loop itself.
class FixedLimit final : public ConcurrencyLimit {
 public:
  explicit FixedLimit(std::uint32_t limit) : limit_(limit) {}
  [[nodiscard]] std::uint32_t limit(Instant /*now*/) override { return limit_; }
  void observe(const LimitSample& /*sample*/) override {}

 private:
  std::uint32_t limit_;
};

// A closed form: with n calls always under way, an M/M/c system does min(n, c) of its work, and
// each call takes max(1, n/c) of its service time. Arrivals at twice the rate keep n at the limit
// nearly always: the Erlang loss of 2c offered to n servers is above one half.
TEST(Convergence, LoopAgreesWithTheClosedFormAtFixedLimits) {
  const auto fixed = [](std::uint32_t limit) {
    return [limit](RandomStream) { return std::make_unique<FixedLimit>(limit); };
  };
  expect_knee(fixed(20), {0.475, 0.485, 1.02, 20, 20});
  expect_knee(fixed(80), {0.98, 0.99, 2.02, 80, 80});
}

MakeLimit windowed(std::function<std::unique_ptr<ConcurrencyLimit>(RandomStream)> make) {
  return [make = std::move(make)](RandomStream random) {
    return std::make_unique<WindowedLimit>(WindowedLimitOptions{}, make(random));
  };
}

// Vegas compares with the shortest of many window means, which lies some three deviations (of 2.5
// ms each) below the service time: the more windows, the more of an empty queue it takes for a full
// one. A low one stays until the next probe, 15 to 30 times L windows later.
TEST(Convergence, VegasSettlesNearTheKneeAndBelowItWhereItsShortestRoundTripIsLucky) {
  expect_knee(windowed([](RandomStream random) {
                return std::make_unique<VegasLimit>(VegasLimitOptions{}, random);
              }),
              {0.65, 0.85, 1.2, 25, 50});
}

// Its reference is an average that follows the present: a queue that is there for long becomes
// normal, and the limit drifts up. It is the latency that pays, not the throughput.
TEST(Convergence, Gradient2KeepsServersBusyAndDriftsAboveTheKnee) {
  expect_knee(windowed([](RandomStream) {
                return std::make_unique<Gradient2Limit>(Gradient2LimitOptions{});
              }),
              {0.98, 0.99, 3, 60, 120});
}

TEST(Convergence, Gradient2WithoutToleranceSettlesNearTheKnee) {
  expect_knee(windowed([](RandomStream) {
                return std::make_unique<Gradient2Limit>(Gradient2LimitOptions{.rtt_tolerance = 1});
              }),
              {0.98, 0.99, 1.3, 42, 54});
}

// At a limit of L calls take L/c of their service time: a timeout of one and a half is met at L
// = 60.
TEST(Convergence, AimdSawsBelowWhereItsTimeoutIsMet) {
  expect_knee(windowed([](RandomStream) {
                return std::make_unique<AimdLimit>(
                    AimdLimitOptions{.initial = 10, .timeout = kService * 3 / 2});
              }),
              {0.98, 0.99, 1.5, 50, 62});
}

// It compares medians, and measures at three calls under way: with exponential service a median of
// 50 calls is some 15 % off, and the limit with it until the next measurement.
TEST(Convergence, EnvoysGradientSettlesNearTheKnee) {
  expect_knee(
      [](RandomStream random) {
        return std::make_unique<EnvoyGradientLimit>(EnvoyGradientLimitOptions{}, random, Instant{});
      },
      {0.75, 0.85, 1.6, 35, 60});
}

}  // namespace
}  // namespace windtunnel::breaker
