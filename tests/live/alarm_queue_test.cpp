#include "live/alarm_queue.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace windtunnel::live {
namespace {

using namespace std::chrono_literals;

/// An alarm that writes its number down when it fires.
struct Bell {
  std::vector<int>* rung;
  int number;
  static void ring(void* self) {
    const auto& bell = *static_cast<Bell*>(self);
    bell.rung->push_back(bell.number);
  }
};

class AlarmQueueTest : public ::testing::Test {
 protected:
  AlarmId create(Bell& bell) { return alarms_.create(&Bell::ring, &bell); }

  asio::io_context context_;
  AlarmQueue alarms_{context_};
  std::vector<int> rung_;
  Bell one_{&rung_, 1};
  Bell two_{&rung_, 2};
  Bell three_{&rung_, 3};
};

TEST_F(AlarmQueueTest, FiresInTheOrderOfDeadlinesAndOfArmingWhereTheyAreEqual) {
  const Instant soon = alarms_.now() + 5ms;
  const AlarmId first = create(one_);
  const AlarmId second = create(two_);
  const AlarmId third = create(three_);
  alarms_.set(third, soon);
  alarms_.set(second, soon);
  alarms_.set(first, soon - 2ms);

  context_.run();

  EXPECT_EQ(rung_, (std::vector{1, 3, 2}));
}

TEST_F(AlarmQueueTest, NeverFiresBeforeADeadlineThatWasMovedLater) {
  const AlarmId alarm = create(one_);
  const Instant last = alarms_.now() + 20ms;
  for (Instant deadline = alarms_.now() + 1ms; deadline < last; deadline += 1ms) {
    alarms_.set(alarm, deadline);
  }
  alarms_.set(alarm, last);

  context_.run();

  EXPECT_EQ(rung_, std::vector{1});
  EXPECT_GE(alarms_.now(), last);
}

TEST_F(AlarmQueueTest, FiresOnceWhereADeadlineWasMovedEarlierAndLaterAgain) {
  const AlarmId alarm = create(one_);
  const Instant start = alarms_.now();
  alarms_.set(alarm, start + 20ms);
  alarms_.set(alarm, start + 2ms);
  alarms_.set(alarm, start + 10ms);

  context_.run();

  EXPECT_EQ(rung_, std::vector{1});
  EXPECT_GE(alarms_.now(), start + 10ms);
}

TEST_F(AlarmQueueTest, FiresADeadlineInThePast) {
  alarms_.set(create(one_), Instant{} - 1s);

  context_.run();

  EXPECT_EQ(rung_, std::vector{1});
}

TEST_F(AlarmQueueTest, DoesNotFireWhatWasClearedOrDestroyed) {
  const AlarmId cleared = create(one_);
  const AlarmId destroyed = create(two_);
  alarms_.set(cleared, alarms_.now() + 1ms);
  alarms_.set(destroyed, alarms_.now() + 1ms);
  alarms_.clear(cleared);
  alarms_.destroy(destroyed);
  // Takes the destroyed one's place, and none of its deadline.
  const AlarmId successor = create(three_);
  EXPECT_EQ(successor, destroyed);

  context_.run();

  EXPECT_TRUE(rung_.empty());
}

TEST_F(AlarmQueueTest, LetsTheLoopTurnBetweenFiringsOfAnAlarmThatRearmsItselfForThePast) {
  struct Eager {
    AlarmQueue& alarms;
    AlarmId id = 0;
    int firings = 0;
    static void fire(void* self) {
      auto& eager = *static_cast<Eager*>(self);
      if (++eager.firings < 100) {
        eager.alarms.set(eager.id, Instant{});
      }
    }
  };
  Eager eager{alarms_};
  eager.id = alarms_.create(&Eager::fire, &eager);
  alarms_.set(eager.id, Instant{});

  context_.run_one();

  EXPECT_EQ(eager.firings, 1);
  context_.run();
  EXPECT_EQ(eager.firings, 100);
}

}  // namespace
}  // namespace windtunnel::live
