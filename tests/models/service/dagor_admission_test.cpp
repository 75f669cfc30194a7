#include "models/service/dagor_admission.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "models/client/arrival_process.hpp"
#include "models/service/station.hpp"

namespace windtunnel::service {
namespace {

using namespace std::chrono_literals;

/// Brings one window to its end: `count` requests, spread over the users of one business.
std::uint64_t window(DagorAdmission& admission, Instant& now, Duration queued,
                     std::uint32_t count = 1280) {
  std::uint64_t admitted = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool enters = admission.admit(now, {3, static_cast<std::uint8_t>(i % 128)});
    admitted += enters ? 1 : 0;
    if (enters) {
      admission.observe(now, queued);
    }
  }
  now += 1s;
  return admitted;
}

TEST(DagorAdmission, FallsByFivePercentOfTheAdmittedAndRisesByOnePercentOfAll) {
  Instant now{};
  DagorAdmission admission{now};
  EXPECT_EQ(window(admission, now, 30ms), 1280U);
  // 95 % of 1280 is 1216, which are 121 levels of ten; then 95 % of 1210 is 1149.5.
  EXPECT_EQ(window(admission, now, 30ms), 1210U);
  EXPECT_EQ(window(admission, now, 10ms), 1140U);
  // One percent of 1280 is 12.8: one level more at a time.
  EXPECT_EQ(window(admission, now, 10ms), 1150U);
  EXPECT_EQ(window(admission, now, 10ms), 1160U);
}

TEST(DagorAdmission, TakesMeanQueuingOf20MillisecondsForNoOverload) {
  Instant now{};
  DagorAdmission admission{now};
  (void)window(admission, now, 20ms);
  EXPECT_EQ(window(admission, now, 20ms), 1280U);
  EXPECT_FALSE(admission.is_restrictive());
}

TEST(DagorAdmission, EndsAWindowAfter2000RequestsOfABurst) {
  Instant now{};
  DagorAdmission admission{now};
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(admission.admit(now, {3, static_cast<std::uint8_t>(i % 128)}));
    admission.observe(now, 50ms);
  }
  EXPECT_FALSE(admission.admit(now, {3, 127}));
}

TEST(DagorAdmission, OpensToASinglePriorityThatItHadShutOut) {
  Instant now{};
  DagorAdmission admission{now};
  const auto send = [&](Duration queued) {
    std::uint64_t admitted = 0;
    for (int i = 0; i < 500; ++i) {
      if (admission.admit(now, {5, 5})) {
        ++admitted;
        admission.observe(now, queued);
      }
    }
    now += 1s;
    return admitted;
  };
  EXPECT_EQ(send(100ms), 500U);
  EXPECT_EQ(send(100ms), 0U);
  EXPECT_EQ(send(0ms), 500U);
}

TEST(DagorAdmission, SpreadsUsersAnewEveryHour) {
  std::array<int, DagorAdmission::kUserLevels> counts{};
  int moved = 0;
  for (std::uint64_t user = 0; user < 12'800; ++user) {
    const std::uint8_t level = dagor_user_level(user, 10h + 59min);
    ++counts[level];
    EXPECT_EQ(level, dagor_user_level(user, 10h));
    moved += level != dagor_user_level(user, 11h) ? 1 : 0;
  }
  // 100 each in the mean; beyond five deviations would be no hash.
  EXPECT_GT(*std::min_element(counts.begin(), counts.end()), 50);
  EXPECT_LT(*std::max_element(counts.begin(), counts.end()), 150);
  EXPECT_NEAR(moved / 12'800.0, 127.0 / 128, 0.01);
}

TEST(DagorAdmission, KeepsAnOverloadedStationBusyWithTheMostImportantWork) {
  // 2000 a second of four businesses on a station good for 1000: two of them fit.
  StationOptions options{.workers = 10, .queue_max = 100'000, .work = Exponential{10ms}};
  Station station{options, {RandomStream{1, "work"}, RandomStream{1, "pauses"}}, Instant{}};
  DagorAdmission admission{Instant{}};
  client::ArrivalProcess arrivals{client::PoissonArrivals{client::RateProfile{2000}},
                                  RandomStream{1, "arrivals"}};
  RandomStream random{1, "priorities"};
  std::array<double, 4> sent{};
  std::array<double, 4> admitted{};
  std::uint64_t served = 0;
  Duration waited{};
  for (Instant now{}; now < Instant{300s};) {
    now = Instant{arrivals.next().value()};
    const DagorLevel priority{static_cast<std::uint8_t>(random.below(4)),
                              static_cast<std::uint8_t>(random.below(128))};
    const bool is_counted = now > Instant{120s};
    const bool enters = admission.admit(now, priority);
    if (enters) {
      (void)station.arrive(now, Job{});
    } else {
      station.on_deadline(now);
    }
    sent[priority.business] += is_counted ? 1 : 0;
    admitted[priority.business] += is_counted && enters ? 1 : 0;
    for (FinishedJob job; station.poll(job);) {
      admission.observe(now, job.started - job.arrived);
      served += is_counted ? 1 : 0;
      waited += is_counted ? job.started - job.arrived : Duration{};
    }
  }
  std::cout << "admitted by business: " << admitted[0] / sent[0] << ' ' << admitted[1] / sent[1]
            << ' ' << admitted[2] / sent[2] << ' ' << admitted[3] / sent[3] << ", served "
            << static_cast<double>(served) / 180 << " a second, waited "
            << static_cast<double>(waited.count()) / static_cast<double>(served) / 1e6 << " ms\n";
  EXPECT_GT(admitted[0] / sent[0], 0.99);
  EXPECT_GT(admitted[1] / sent[1], 0.85);
  EXPECT_LT(admitted[3] / sent[3], 0.01);
  EXPECT_GT(static_cast<double>(served) / 180, 930);
}

}  // namespace
}  // namespace windtunnel::service
