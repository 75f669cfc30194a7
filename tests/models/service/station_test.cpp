#include "models/service/station.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/models/service/station_swarm.hpp"

namespace windtunnel::service {
namespace {

using namespace std::chrono_literals;

Instant at(Duration since_zero) {
  return Instant{since_zero};
}

StationStreams streams(std::uint64_t seed = 1) {
  return {RandomStream{seed, "work"}, RandomStream{seed, "pauses"}};
}

Job job(std::uint64_t tag, Duration work = 10ms) {
  Job made;
  made.tag = tag;
  made.work = work;
  return made;
}

std::vector<FinishedJob> finish_all(Station& station) {
  std::vector<FinishedJob> finished;
  FinishedJob one;
  while (station.poll(one)) {
    finished.push_back(one);
  }
  while (const auto next = station.next_deadline()) {
    station.on_deadline(*next);
    while (station.poll(one)) {
      finished.push_back(one);
    }
  }
  return finished;
}

std::vector<std::uint64_t> tags_of(const std::vector<FinishedJob>& finished, JobOutcome outcome) {
  std::vector<std::uint64_t> tags;
  for (const FinishedJob& one : finished) {
    if (one.outcome == outcome) {
      tags.push_back(one.tag);
    }
  }
  return tags;
}

using Tags = std::vector<std::uint64_t>;

TEST(Station, DoesWhatThePlainStationDoes) {
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    const auto difference = difference_for(seed);
    ASSERT_FALSE(difference) << "seed " << seed << ": " << *difference;
  }
}

TEST(Station, ServesInOrderOfArrivalUnderFifoAndTheNewestUnderLifo) {
  for (const auto& [discipline, expected] : std::vector<std::pair<Discipline, Tags>>{
           {Discipline::fifo, {0, 1, 2, 3}}, {Discipline::lifo, {0, 3, 2, 1}}}) {
    Station station{{.discipline = discipline}, streams(), at(0s)};
    for (std::uint64_t tag = 0; tag < 4; ++tag) {
      (void)station.arrive(at(0s), job(tag));
    }
    EXPECT_EQ(tags_of(finish_all(station), JobOutcome::served), expected);
  }
}

TEST(Station, AdaptiveLifoTurnsOnceTheQueueHasNotBeenEmptyForAWhile) {
  Station station{{.discipline = Discipline::adaptive_lifo}, streams(), at(0s)};
  for (std::uint64_t tag = 0; tag < 14; ++tag) {
    (void)station.arrive(at(0s), job(tag));
  }
  // Ten jobs take 100 ms in their order; from then on the newest is next.
  EXPECT_EQ(tags_of(finish_all(station), JobOutcome::served),
            (Tags{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 12, 11}));
}

TEST(Station, MoreUrgentWorkGoesFirstAndDisplacesTheLeastUrgentOfAFullQueue) {
  Station station{{.queue_max = 2, .priorities = 3}, streams(), at(0s)};
  const std::uint32_t priorities[] = {1, 2, 1, 0, 2};
  for (std::uint64_t tag = 0; tag < 5; ++tag) {
    Job one = job(tag);
    one.priority = priorities[tag];
    (void)station.arrive(at(0s), one);
  }
  const auto finished = finish_all(station);
  EXPECT_EQ(tags_of(finished, JobOutcome::displaced), (Tags{1}));
  EXPECT_EQ(tags_of(finished, JobOutcome::refused), (Tags{4}));
  EXPECT_EQ(tags_of(finished, JobOutcome::served), (Tags{0, 3, 2}));
}

TEST(Station, DropsWorkWhoseDeadlinePassedWhileItWaited) {
  for (const Expired expired : {Expired::drop, Expired::serve}) {
    Station station{{.expired = expired}, streams(), at(0s)};
    (void)station.arrive(at(0s), job(0));
    Job late = job(1);
    late.deadline = at(10ms);
    (void)station.arrive(at(0s), late);
    const auto finished = finish_all(station);
    EXPECT_EQ(tags_of(finished, JobOutcome::expired).size(), expired == Expired::drop ? 1U : 0U);
  }
}

TEST(Station, AHeldWorkerTakesNothingUntilReleased) {
  Station station{{}, streams(), at(0s)};
  Job first = job(0);
  first.hold = WorkerHold::until_released;
  const JobId id = station.arrive(at(0s), first);
  (void)station.arrive(at(0s), job(1));
  EXPECT_EQ(finish_all(station).size(), 1U);
  EXPECT_EQ(station.waiting(), 1U);
  EXPECT_TRUE(station.release(at(70ms), id));
  EXPECT_FALSE(station.release(at(70ms), id));
  EXPECT_EQ(finish_all(station).back().ended, at(80ms));
}

TEST(Station, TellsOfAJobThatWasReleasedBeforeAnybodyAsked) {
  Station station{{}, streams(), at(0s)};
  Job first = job(7);
  first.hold = WorkerHold::until_released;
  const JobId id = station.arrive(at(0s), first);
  EXPECT_TRUE(station.release(at(20ms), id));
  EXPECT_FALSE(station.cancel(at(20ms), id));
  const JobId second = station.arrive(at(20ms), job(8));

  const auto finished = finish_all(station);

  ASSERT_EQ(finished.size(), 2U);
  EXPECT_EQ(finished[0], (FinishedJob{id, 7, JobOutcome::served, at(0s), at(0s), at(10ms)}));
  EXPECT_EQ(finished[1],
            (FinishedJob{second, 8, JobOutcome::served, at(20ms), at(20ms), at(30ms)}));
}

TEST(Station, AnOldHandleCancelsNothingNew) {
  Station station{{}, streams(), at(0s)};
  const JobId old = station.arrive(at(0s), job(0));
  EXPECT_TRUE(station.cancel(at(1ms), old));
  const JobId fresh = station.arrive(at(2ms), job(1));
  EXPECT_FALSE(station.cancel(at(3ms), old));
  EXPECT_TRUE(station.cancel(at(3ms), fresh));
}

TEST(Station, AStallMovesEveryCompletionByItsLength) {
  Station station{{.workers = 3}, streams(), at(0s)};
  for (std::uint64_t tag = 0; tag < 3; ++tag) {
    (void)station.arrive(at(0s), job(tag, 10ms * (tag + 1)));
  }
  station.stall(at(15ms), 1s);
  station.stall(at(20ms), 10ms);  // Within the first: it adds nothing.
  const auto finished = finish_all(station);
  ASSERT_EQ(finished.size(), 3U);
  EXPECT_EQ(finished[0].ended, at(10ms));
  EXPECT_EQ(finished[1].ended, at(1020ms));
  EXPECT_EQ(finished[2].ended, at(1030ms));
}

TEST(Station, HalfTheSpeedTakesTwiceTheTimeAndNoneTakesForEver) {
  Station station{{}, streams(), at(0s)};
  (void)station.arrive(at(0s), job(0, 10ms));
  station.set_speed(at(4ms), 500);
  EXPECT_EQ(station.next_deadline(), at(16ms));
  station.set_speed(at(6ms), 0);
  EXPECT_EQ(station.next_deadline(), std::nullopt);
  station.set_speed(at(1s), kFullSpeed);
  EXPECT_EQ(station.next_deadline(), at(1005ms));
}

TEST(Station, PausesTakeTheirShareOfTheTime) {
  // Stopped for 100 ms after every 900 ms, a saturated worker gets nine tenths done.
  StationOptions options{.queue_max = 100'000, .pauses = Pauses{Constant{900ms}, Constant{100ms}}};
  Station station{options, streams(), at(0s)};
  for (std::uint64_t tag = 0; tag < 90'000; ++tag) {
    (void)station.arrive(at(0s), job(tag, 1ms));
  }
  EXPECT_EQ(finish_all(station).back().ended, at(99'900ms));
  EXPECT_EQ(station.counters().pauses, 100U);  // One begins as the last job ends.
}

TEST(Station, PausesOfAnIdleTimeAreCaughtUpWith) {
  StationOptions options{.pauses = Pauses{Constant{1s}, Constant{500ms}}};
  Station station{options, streams(), at(0s)};
  EXPECT_EQ(station.next_deadline(), std::nullopt);
  (void)station.arrive(at(1h + 1100ms), job(0));
  // 1.5 s a cycle: one hour is 2400 of them, and the stop runs from 1 s to 1.5 s.
  EXPECT_TRUE(station.is_stalled());
  EXPECT_EQ(finish_all(station).back().ended, at(1h + 1510ms));
}

TEST(Station, AColdStartCostsMoreAndLessAndLess) {
  StationOptions options{.warm_up = {.lasts = 10s, .slowdown = 3}};
  Station station{options, streams(), at(100s)};
  const auto took = [&](Duration when) {
    (void)station.arrive(at(when), job(0, 100ms));
    const FinishedJob done = finish_all(station).back();
    return done.ended - done.started;
  };
  EXPECT_EQ(took(100s), 300ms);
  EXPECT_EQ(took(105s), 200ms);
  EXPECT_EQ(took(110s), 100ms);
}

TEST(Station, EveryJobEndsOnce) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    RandomStream random{seed, "jobs"};
    StationOptions options{.workers = 2, .queue_max = 30, .priorities = 3};
    options.discipline = static_cast<Discipline>(random.below(3));
    options.work = Exponential{10ms};
    options.pauses = Pauses{Exponential{500ms}, Exponential{50ms}};
    const DelayControl controls[] = {NoDelayControl{}, Codel{}, FollyCodel{}, QueueTimeout{}};
    options.delay_control = controls[random.below(4)];
    Station station{options, streams(seed), at(0s)};
    constexpr std::uint64_t kJobs = 5'000;
    Instant now{};
    for (std::uint64_t tag = 0; tag < kJobs; ++tag) {
      now += random.uniform(0ms, 8ms);
      Job one;
      one.tag = tag;
      one.priority = static_cast<std::uint32_t>(random.below(3));
      one.deadline = now + random.uniform(0ms, 500ms);
      (void)station.arrive(now, one);
    }
    std::vector<int> ended(kJobs);
    for (const FinishedJob& one : finish_all(station)) {
      ++ended[one.tag];
      EXPECT_LE(one.arrived, one.started);
      EXPECT_LE(one.started, one.ended);
    }
    EXPECT_TRUE(std::all_of(ended.begin(), ended.end(), [](int times) { return times == 1; }));
    const StationCounters& c = station.counters();
    EXPECT_EQ(c.arrived, c.served + c.refused + c.displaced + c.shed + c.expired + c.cancelled);
    EXPECT_EQ(station.present(), 0U);
  }
}

TEST(Station, DrawsTheSameWorkUnderEveryDiscipline) {
  const auto total_work = [](Discipline discipline) {
    Station station{{.discipline = discipline, .work = Exponential{10ms}}, streams(), at(0s)};
    for (std::uint64_t tag = 0; tag < 100; ++tag) {
      Job one;
      one.tag = tag;
      (void)station.arrive(at(0s), one);
    }
    auto finished = finish_all(station);
    std::sort(finished.begin(), finished.end(),
              [](const auto& a, const auto& b) { return a.tag < b.tag; });
    std::vector<Duration> work;
    for (const FinishedJob& one : finished) {
      work.push_back(one.ended - one.started);
    }
    return work;
  };
  EXPECT_EQ(total_work(Discipline::fifo), total_work(Discipline::lifo));
}

}  // namespace
}  // namespace windtunnel::service
