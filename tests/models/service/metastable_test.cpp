// The first example of Bronson, Aghayev, Charapko, Zhu, "Metastable Failures in Distributed
// Systems" (HotOS'21): a database good for 300 queries per second, a client that waits one second
// and retries once. Stable below 150 per second, vulnerable from 150 to 300: an outage of ten
// seconds leaves 560 arrivals per second that never go away. Then what takes the failure away.
#include <algorithm>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/client/arrival_process.hpp"
#include "models/service/station.hpp"

namespace windtunnel::service {
namespace {

using namespace std::chrono_literals;

constexpr double kCapacity = 300;
constexpr Duration kTimeout = 1s;
constexpr Duration kOutageBegins = 60s;
constexpr Duration kOutage = 10s;
constexpr Duration kOutageEnds = kOutageBegins + kOutage;

/// Whether a request that has failed may be tried again.
class RetryPolicy {
 public:
  virtual ~RetryPolicy() = default;
  virtual void first_attempt() {}
  virtual void attempt_ended(bool /*ok*/) {}
  virtual bool may_retry() { return true; }
};

/// At most `share` retries for each first attempt (Google SRE book, "Handling Overload").
class RetryBudget final : public RetryPolicy {
 public:
  explicit RetryBudget(double share) : share_(share) {}
  void first_attempt() override { tokens_ = std::min(10.0, tokens_ + share_); }
  bool may_retry() override {
    if (tokens_ < 1) {
      return false;
    }
    tokens_ -= 1;
    return true;
  }

 private:
  double share_;
  double tokens_ = 10;
};

/// gRPC's retry throttling (proposal A6): maxTokens 10, tokenRatio 0.1.
class RetryThrottle final : public RetryPolicy {
 public:
  void attempt_ended(bool ok) override {
    tokens_ = ok ? std::min(10.0, tokens_ + 0.1) : std::max(0.0, tokens_ - 1);
  }
  bool may_retry() override { return tokens_ > 5; }

 private:
  double tokens_ = 10;
};

/// For queries that take 3.3 ms at 93 % load: they wait 23 ms in the mean, so that the usual target
/// of 5 ms would shed healthy traffic.
constexpr DelayTarget kTarget{100ms, 500ms};

enum class OnTimeout : std::uint8_t { abandon, cancel };
enum class Trigger : std::uint8_t { none, outage };

struct Case {
  double rate = 280;
  std::optional<double> rate_from_200s{};
  Duration lasts = 700s;
  Trigger trigger = Trigger::outage;
  OnTimeout on_timeout = OnTimeout::abandon;
  std::function<std::unique_ptr<RetryPolicy>()> retries = [] {
    return std::make_unique<RetryPolicy>();
  };
  StationOptions station = database();

  static StationOptions database() {
    StationOptions options;
    options.queue_max = 10'000'000;
    options.expired = Expired::serve;
    options.work = Constant{Duration{static_cast<std::int64_t>(1e9 / kCapacity)}};
    return options;
  }
};

/// By the second.
struct Course {
  std::vector<std::uint32_t> due;
  std::vector<std::uint32_t> succeeded;
  std::vector<std::uint32_t> sent;  ///< Attempts, retries included.

  [[nodiscard]] static double mean(const std::vector<std::uint32_t>& counts, std::size_t from,
                                   std::size_t to) {
    double sum = 0;
    for (std::size_t i = from; i < to; ++i) {
      sum += counts[i];
    }
    return sum / static_cast<double>(to - from);
  }
  [[nodiscard]] double success_of_last_minute() const {
    const std::size_t end = due.size();
    return mean(succeeded, end - 60, end) / mean(due, end - 60, end);
  }
  /// How long after the outage the last ten seconds began in which less than 95 % went well.
  [[nodiscard]] std::size_t seconds_to_recover() const {
    constexpr std::size_t kSpan = 10;
    const auto outage_ends = static_cast<std::size_t>(kOutageEnds / 1s);
    std::size_t second = due.size() - kSpan;
    while (second > outage_ends &&
           mean(succeeded, second, second + kSpan) >= 0.95 * mean(due, second, second + kSpan)) {
      --second;
    }
    return second - outage_ends;
  }
};

class Experiment {
 public:
  explicit Experiment(const Case& setup)
      : setup_(setup),
        retries_(setup.retries()),
        station_(setup.station, {RandomStream{1, "work"}, RandomStream{1, "pauses"}}, Instant{}),
        arrivals_(client::PoissonArrivals{client::RateProfile{std::vector<client::RatePoint>{
                      {0s, setup.rate}, {200s, setup.rate_from_200s.value_or(setup.rate)}}}},
                  RandomStream{1, "arrivals"}) {
    const auto seconds = static_cast<std::size_t>(setup.lasts / 1s);
    course_.due.resize(seconds);
    course_.succeeded.resize(seconds);
    course_.sent.resize(seconds);
  }

  Course run() {
    next_due_ = Instant{arrivals_.next().value()};
    bool is_triggered = setup_.trigger == Trigger::none;
    for (;;) {
      const Instant station_due = station_.next_deadline().value_or(Instant::max());
      const Instant timeout_due = timeouts_.empty() ? Instant::max() : timeouts_.front().at;
      const Instant now = std::min({station_due, timeout_due, next_due_});
      if (now >= Instant{setup_.lasts}) {
        return course_;
      }
      if (!is_triggered && now >= Instant{kOutageBegins}) {
        is_triggered = true;
        station_.stall(now, kOutage);
      }
      if (now == station_due) {
        station_.on_deadline(now);
      } else if (now == timeout_due) {
        const Timeout timeout = timeouts_.front();
        timeouts_.pop();
        time_out(now, timeout);
      } else {
        begin(now);
      }
      collect(now);
    }
  }

 private:
  struct Query {
    std::uint32_t attempts = 0;
    bool is_waiting = false;
    JobId job;
  };
  /// Every attempt waits equally long, so that timeouts come in the order they were set.
  struct Timeout {
    Instant at;
    std::uint64_t tag;
  };

  [[nodiscard]] static std::uint64_t tag_of(std::uint64_t query, std::uint32_t attempt) {
    return query * 2 + attempt - 1;
  }
  [[nodiscard]] bool is_awaited(std::uint64_t tag) const {
    const Query& query = queries_[tag / 2];
    return query.is_waiting && query.attempts == tag % 2 + 1;
  }
  static std::size_t second_of(Instant now) {
    return static_cast<std::size_t>(now.time_since_epoch() / 1s);
  }

  void begin(Instant now) {
    ++course_.due[second_of(now)];
    next_due_ = Instant{arrivals_.next().value()};
    queries_.emplace_back();
    retries_->first_attempt();
    send(now, queries_.size() - 1);
  }

  void send(Instant now, std::uint64_t number) {
    Query& query = queries_[number];
    ++query.attempts;
    query.is_waiting = true;
    ++course_.sent[second_of(now)];
    Job job;
    job.tag = tag_of(number, query.attempts);
    job.deadline = now + kTimeout;
    timeouts_.push({job.deadline, job.tag});
    query.job = station_.arrive(now, job);
  }

  void time_out(Instant now, const Timeout& timeout) {
    if (!is_awaited(timeout.tag)) {
      return;
    }
    if (setup_.on_timeout == OnTimeout::cancel) {
      (void)station_.cancel(now, queries_[timeout.tag / 2].job);
    }
    fail(now, timeout.tag);
  }

  void fail(Instant now, std::uint64_t tag) {
    Query& query = queries_[tag / 2];
    query.is_waiting = false;
    retries_->attempt_ended(false);
    if (query.attempts < 2 && retries_->may_retry()) {
      send(now, tag / 2);
    }
  }

  void collect(Instant now) {
    for (FinishedJob job; station_.poll(job);) {
      if (!is_awaited(job.tag)) {
        continue;
      }
      if (job.outcome == JobOutcome::served) {
        queries_[job.tag / 2].is_waiting = false;
        retries_->attempt_ended(true);
        ++course_.succeeded[second_of(now)];
      } else {
        fail(now, job.tag);
      }
    }
  }

  Case setup_;
  std::unique_ptr<RetryPolicy> retries_;
  Station station_;
  client::ArrivalProcess arrivals_;
  Instant next_due_{};
  std::queue<Timeout> timeouts_;
  std::vector<Query> queries_;
  Course course_;
};

Course course_of(const Case& setup) {
  return Experiment{setup}.run();
}

TEST(MetastableFailure, NeedsATrigger) {
  const Course course = course_of({.rate = 280, .trigger = Trigger::none});
  EXPECT_GT(course.success_of_last_minute(), 0.99);
  EXPECT_EQ(Course::mean(course.sent, 0, 700), Course::mean(course.due, 0, 700));
}

TEST(MetastableFailure, At280AnOutageOfTenSecondsLeaves560ThatNeverRecover) {
  const Course course = course_of({.rate = 280, .lasts = 3600s});
  EXPECT_LT(course.success_of_last_minute(), 0.01);
  EXPECT_NEAR(Course::mean(course.sent, 3540, 3600), 560, 12);
}

TEST(MetastableFailure, At140TheSameOutageIsOverWhenItsBacklogIs) {
  const Course course = course_of({.rate = 140});
  EXPECT_GT(course.success_of_last_minute(), 0.99);
  // The outage leaves 140 x 10 queries and 140 x 9 retries; 300 of them are a wait of a second, and
  // above that the queue shrinks by 300 - 280 a second.
  const double expected = (140 * 19 - 300) / 20.0;
  EXPECT_NEAR(static_cast<double>(course.seconds_to_recover()), expected, 0.15 * expected);
}

TEST(MetastableFailure, TheThresholdIsHalfTheCapacity) {
  for (const double rate : {100.0, 120.0, 140.0, 145.0}) {
    EXPECT_GT(course_of({.rate = rate}).success_of_last_minute(), 0.99) << rate;
  }
  for (const double rate : {155.0, 160.0, 200.0, 240.0, 295.0}) {
    EXPECT_LT(course_of({.rate = rate}).success_of_last_minute(), 0.01) << rate;
  }
}

TEST(MetastableFailure, EndsOnlyWhereTheLoadFallsBelowTheThreshold) {
  EXPECT_LT(
      course_of({.rate = 280, .rate_from_200s = 160, .lasts = 7200s}).success_of_last_minute(),
      0.01);
  EXPECT_GT(
      course_of({.rate = 280, .rate_from_200s = 120, .lasts = 7200s}).success_of_last_minute(),
      0.99);
}

struct Cure {
  std::string name;
  Case setup;
  std::size_t seconds_max;  ///< To recover.
};

std::vector<Cure> cures() {
  std::vector<Cure> all(6);
  all[0].name = "LIFO";
  all[0].setup.station.discipline = Discipline::lifo;
  all[0].seconds_max = 2;
  all[1].name = "adaptive LIFO with the queue timeout of Fail at Scale";
  all[1].setup.station.discipline = Discipline::adaptive_lifo;
  all[1].setup.station.delay_control = QueueTimeout{kTarget};
  all[1].seconds_max = 2;
  all[2].name = "folly::Codel";
  all[2].setup.station.delay_control = FollyCodel{kTarget};
  all[2].seconds_max = 20;
  all[3].name = "dropping expired work";
  all[3].setup.station.expired = Expired::drop;
  // It hovers for a while at the wait at which what is served is just too late.
  all[3].seconds_max = 100;
  all[4].name = "cancelling at the timeout";
  all[4].setup.on_timeout = OnTimeout::cancel;
  all[4].seconds_max = 20;
  all[5].name = "gRPC's retry throttle";
  all[5].setup.retries = [] { return std::make_unique<RetryThrottle>(); };
  all[5].seconds_max = 300;
  return all;
}

TEST(MetastableFailure, IsTakenAwayByEachOfItsCures) {
  for (const Cure& cure : cures()) {
    const Course course = course_of(cure.setup);
    std::cout << cure.name << ": recovered after " << course.seconds_to_recover()
              << " s, last minute " << course.success_of_last_minute() << '\n';
    EXPECT_GT(course.success_of_last_minute(), 0.99) << cure.name;
    EXPECT_LE(course.seconds_to_recover(), cure.seconds_max) << cure.name;
  }
}

TEST(MetastableFailure, ARetryBudgetMovesTheThresholdToCapacityOverOnePlusTheBudget) {
  // 300 / 1.1 = 272.7.
  const auto with_budget = [](double rate) {
    return Case{
        .rate = rate, .lasts = 3600s, .retries = [] { return std::make_unique<RetryBudget>(0.1); }};
  };
  EXPECT_GT(course_of(with_budget(265)).success_of_last_minute(), 0.99);
  EXPECT_LT(course_of(with_budget(280)).success_of_last_minute(), 0.05);
}

TEST(MetastableFailure, CodelOfRfc8289RampsUpTooSlowlyForSendersThatDoNotSlowDown) {
  Case setup;
  setup.station.delay_control = Codel{kTarget};
  const Course course = course_of(setup);
  std::cout << "RFC 8289: recovered after " << course.seconds_to_recover() << " s, last minute "
            << course.success_of_last_minute() << '\n';
  Case folly;
  folly.station.delay_control = FollyCodel{kTarget};
  EXPECT_GT(course.seconds_to_recover(), 5 * (course_of(folly).seconds_to_recover() + 1));
}

}  // namespace
}  // namespace windtunnel::service
