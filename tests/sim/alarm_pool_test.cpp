#include "sim/alarm_pool.hpp"

#include <set>

#include <gtest/gtest.h>

namespace windtunnel::sim {
namespace {

TEST(AlarmPool, KeepsEveryAlarmWhereItIs) {
  constexpr std::size_t kMany = 2000;
  AlarmPool pool;
  std::vector<Alarm*> alarms;
  for (std::size_t i = 0; i < kMany; ++i) {
    alarms.push_back(&pool.add());
    alarms.back()->context = &alarms;
    alarms.back()->deadline = Instant{Duration{static_cast<std::int64_t>(i)}};
  }

  for (std::size_t i = 0; i < kMany; ++i) {
    ASSERT_EQ(alarms[i]->deadline, Instant{Duration{static_cast<std::int64_t>(i)}});
  }
  EXPECT_EQ(std::set<Alarm*>(alarms.begin(), alarms.end()).size(), kMany);
}

}  // namespace
}  // namespace windtunnel::sim
