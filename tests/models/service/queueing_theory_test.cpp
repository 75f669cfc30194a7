// The station against the closed forms of queueing theory (Kleinrock, "Queueing Systems" I): what
// it simulates must be the M/M/1, M/M/c, M/M/c/c, M/D/1, M/G/1 and priority queues it is set up as.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "models/client/arrival_process.hpp"
#include "models/service/station.hpp"
#include "tests/models/service/batch_means.hpp"

namespace windtunnel::service {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kUnbounded = 1'000'000'000;

double seconds(Duration span) {
  return static_cast<double>(span.count()) / 1e9;
}

struct Observed {
  std::vector<double> waits;  ///< Seconds until a worker took the job, in order of service.
  std::vector<double> sojourns;
  std::map<std::uint32_t, std::vector<double>> waits_of_priority;
  double share_that_waited = 0;
  double share_refused = 0;
  double elapsed = 0;
  StationCounters counters;
};

/// Poisson arrivals at `rate` per second, `jobs` of them, with priorities in equal shares.
Observed observe(StationOptions options, double rate, std::uint64_t jobs, std::uint64_t seed = 1) {
  client::ArrivalProcess arrivals{client::PoissonArrivals{client::RateProfile{rate}},
                                  RandomStream{seed, "arrivals"}};
  RandomStream priorities{seed, "priorities"};
  options.expired = Expired::serve;
  Station station{options, {RandomStream{seed, "work"}, RandomStream{seed, "pauses"}}, Instant{}};
  Observed observed;
  std::vector<std::uint32_t> priority_of(jobs);
  std::uint64_t waited = 0;
  const auto collect = [&] {
    for (FinishedJob job; station.poll(job);) {
      if (job.outcome != JobOutcome::served) {
        continue;
      }
      const double wait = seconds(job.started - job.arrived);
      waited += wait > 0 ? 1 : 0;
      observed.waits.push_back(wait);
      observed.sojourns.push_back(seconds(job.ended - job.arrived));
      observed.waits_of_priority[priority_of[job.tag]].push_back(wait);
    }
  };
  Instant now{};
  for (std::uint64_t i = 0; i < jobs; ++i) {
    now = Instant{arrivals.next().value()};
    priority_of[i] = static_cast<std::uint32_t>(priorities.below(options.priorities));
    Job job;
    job.tag = i;
    job.priority = priority_of[i];
    (void)station.arrive(now, job);
    collect();
  }
  while (const auto next = station.next_deadline()) {
    now = *next;
    station.on_deadline(now);
    collect();
  }
  observed.elapsed = seconds(now.time_since_epoch());
  observed.counters = station.counters();
  const auto served = static_cast<double>(observed.waits.size());
  observed.share_that_waited = static_cast<double>(waited) / served;
  observed.share_refused =
      static_cast<double>(observed.counters.refused) / static_cast<double>(jobs);
  return observed;
}

StationOptions station_of(std::uint32_t workers, DurationDistribution work) {
  StationOptions options;
  options.workers = workers;
  options.queue_max = kUnbounded;
  options.work = std::move(work);
  return options;
}

/// The probability that a job waits in M/M/c with load `a` (in Erlang).
double erlang_c(std::uint32_t workers, double a) {
  double term = 1;
  double sum = 0;
  for (std::uint32_t k = 0; k < workers; ++k) {
    sum += term;
    term *= a / (k + 1);
  }
  const double queueing = term * workers / (workers - a);
  return queueing / (sum + queueing);
}

double erlang_b(std::uint32_t workers, double a) {
  double blocked = 1;
  for (std::uint32_t k = 1; k <= workers; ++k) {
    blocked = a * blocked / (k + a * blocked);
  }
  return blocked;
}

void expect_mean(const std::vector<double>& values, double expected) {
  const Interval interval = batch_means(values);
  std::cout << "mean " << interval.mean << " +- " << interval.half_width << " s, expected "
            << expected << " s\n";
  EXPECT_TRUE(interval.contains(expected))
      << interval.mean << " +- " << interval.half_width << " is not " << expected;
  // An interval that contains everything shows nothing.
  EXPECT_LT(interval.half_width, 0.15 * expected);
}

constexpr std::uint64_t kJobs = 1'000'000;

TEST(QueueingTheory, WaitsOfMM1AreRhoOverMuMinusLambda) {
  for (const double rho : {0.5, 0.8, 0.9}) {
    const Observed observed = observe(station_of(1, Exponential{10ms}), rho * 100, kJobs);
    expect_mean(observed.waits, rho / (100 - rho * 100));
    EXPECT_NEAR(observed.share_that_waited, rho, 0.01);
  }
}

TEST(QueueingTheory, SojournsOfMM1AreExponential) {
  // P(T > t) = exp(-(mu - lambda) t): each decade of the tail takes equally long.
  Observed observed = observe(station_of(1, Exponential{10ms}), 50, kJobs);
  std::sort(observed.sojourns.begin(), observed.sojourns.end());
  const auto quantile = [&](double share) {
    return observed.sojourns[static_cast<std::size_t>(share * (kJobs - 1))];
  };
  EXPECT_NEAR(quantile(0.5), 0.013863, 0.0003);
  EXPECT_NEAR(quantile(0.9), 0.046052, 0.0009);
  EXPECT_NEAR(quantile(0.99), 0.092103, 0.003);
}

TEST(QueueingTheory, WaitsOfMMcFollowErlangC) {
  for (const auto& [workers, load] :
       std::vector<std::pair<std::uint32_t, double>>{{2, 1.6}, {5, 4.0}, {20, 18.0}}) {
    const Observed observed = observe(station_of(workers, Exponential{100ms}), load * 10, kJobs);
    const double waits = erlang_c(workers, load);
    EXPECT_NEAR(observed.share_that_waited, waits, 0.015);
    expect_mean(observed.waits, waits / (workers * 10.0 - load * 10));
  }
}

TEST(QueueingTheory, LossOfMMccFollowsErlangB) {
  for (const double load : {5.0, 10.0, 20.0}) {
    StationOptions options = station_of(10, Exponential{100ms});
    options.queue_max = 0;
    const Observed observed = observe(options, load * 10, kJobs);
    EXPECT_NEAR(observed.share_refused, erlang_b(10, load), 0.003) << load;
    EXPECT_EQ(observed.share_that_waited, 0);
  }
}

TEST(QueueingTheory, LossOfErlangBDoesNotDependOnTheDistributionOfWork) {
  StationOptions options = station_of(10, Constant{100ms});
  options.queue_max = 0;
  EXPECT_NEAR(observe(options, 100, kJobs).share_refused, erlang_b(10, 10.0), 0.003);
}

TEST(QueueingTheory, WaitsOfMD1AreHalfOfThoseOfMM1) {
  for (const double rho : {0.5, 0.9}) {
    const Observed observed = observe(station_of(1, Constant{10ms}), rho * 100, kJobs);
    expect_mean(observed.waits, rho / (2 * (100 - rho * 100)));
  }
}

TEST(QueueingTheory, WaitsOfMG1FollowPollaczekAndKhinchine) {
  // lambda E[S^2] / (2 (1 - rho)).
  const Observed uniform = observe(station_of(1, Uniform{0ms, 20ms}), 80, kJobs);
  expect_mean(uniform.waits, 80 * (0.02 * 0.02 / 3) / (2 * 0.2));
  // Lognormal with sigma 1: the p99 is e^2.3263 = 10.2401 times the median.
  const Lognormal work{Duration{6'065'307}, Duration{62'109'524}};
  const double mean = seconds(mean_of(work));
  EXPECT_NEAR(mean, 0.01, 1e-5);
  const Observed lognormal = observe(station_of(1, work), 60, 2 * kJobs);
  expect_mean(lognormal.waits, 60 * (mean * mean * 2.718282) / (2 * (1 - 60 * mean)));
}

TEST(QueueingTheory, MeanWaitsDoNotDependOnTheOrderOfService) {
  StationOptions options = station_of(1, Exponential{10ms});
  options.discipline = Discipline::lifo;
  expect_mean(observe(options, 80, 2 * kJobs).waits, 0.8 / 20);
}

TEST(QueueingTheory, WaitsOfPrioritiesFollowCobham) {
  // W_k = W_0 / ((1 - s_(k-1)) (1 - s_k)) without preemption; W_0 = lambda E[S^2] / 2.
  StationOptions options = station_of(1, Exponential{10ms});
  options.priorities = 2;
  const Observed observed = observe(options, 80, 2 * kJobs);
  const double residual = 80 * 2 * 0.01 * 0.01 / 2;
  expect_mean(observed.waits_of_priority.at(0), residual / (1 - 0.4));
  expect_mean(observed.waits_of_priority.at(1), residual / ((1 - 0.4) * (1 - 0.8)));
}

TEST(QueueingTheory, LittlesLawHoldsForEverySetUp) {
  // L = lambda W for any station whatsoever: presence is integrated over time, sojourns are added
  // up over jobs, and neither knows of the other.
  RandomStream random{7, "setups"};
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    StationOptions options =
        station_of(static_cast<std::uint32_t>(1 + random.below(4)),
                   random.below(2) == 0 ? DurationDistribution{Exponential{10ms}}
                                        : DurationDistribution{Lognormal{5ms, 80ms}});
    options.discipline = static_cast<Discipline>(random.below(3));
    options.priorities = static_cast<std::uint32_t>(1 + random.below(3));
    if (random.below(2) == 0) {
      options.pauses = Pauses{Exponential{1s}, Uniform{10ms, 100ms}};
    }
    const double rate = 50.0 * options.workers + static_cast<double>(random.below(80));
    const Observed observed = observe(options, rate, 20'000, seed);
    double total = 0;
    for (const double sojourn : observed.sojourns) {
      total += sojourn;
    }
    ASSERT_EQ(observed.sojourns.size(), 20'000U);
    EXPECT_NEAR(observed.counters.present_seconds, total, 1e-6 * total) << seed;
  }
}

TEST(QueueingTheory, WorkersAreBusyForTheWorkThatWasOffered) {
  const Observed observed = observe(station_of(4, Exponential{10ms}), 300, kJobs);
  EXPECT_NEAR(observed.counters.busy_seconds / observed.elapsed, 3.0, 0.02);
}

}  // namespace
}  // namespace windtunnel::service
