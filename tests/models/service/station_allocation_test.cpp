// This program replaces the global operator new to count: a station and an arrival process allocate
// nothing once they have been as full as they get.
#include <gtest/gtest.h>

#include "models/client/arrival_process.hpp"
#include "models/client/latency_histogram.hpp"
#include "models/service/dagor_admission.hpp"
#include "models/service/station.hpp"
#include "tests/sim/counted_allocations.hpp"

namespace windtunnel::service {
namespace {

using namespace std::chrono_literals;

class LoadedStation {
 public:
  explicit LoadedStation(const StationOptions& options)
      : station_(options, {RandomStream{1, "work"}, RandomStream{1, "pauses"}}, Instant{}),
        arrivals_(client::PoissonArrivals{client::RateProfile{2'500}}, RandomStream{1, "due"}),
        admission_(Instant{}) {}

  void run(int jobs) {
    for (int i = 0; i < jobs; ++i) {
      const Instant now{arrivals_.next().value()};
      Job job;
      job.priority = static_cast<std::uint32_t>(i % 3);
      job.deadline = now + 50ms;
      const JobId id = station_.arrive(now, job);
      (void)admission_.admit(now, {0, static_cast<std::uint8_t>(i % 128)});
      if (i % 5 == 0) {
        (void)station_.cancel(now, id);
      }
      for (FinishedJob done; station_.poll(done);) {
        latencies_.record(done.ended - done.arrived);
        admission_.observe(now, done.started - done.arrived);
      }
    }
  }

  [[nodiscard]] const Station& station() const { return station_; }

 private:
  Station station_;
  client::ArrivalProcess arrivals_;
  DagorAdmission admission_;
  client::LatencyHistogram latencies_;
};

TEST(StationAllocation, IsNoneUnderOverloadWithEveryRuleOn) {
  const DelayControl controls[] = {NoDelayControl{}, Codel{}, FollyCodel{}, QueueTimeout{}};
  for (const DelayControl& control : controls) {
    StationOptions options{.workers = 2, .queue_max = 100, .priorities = 3};
    options.discipline = Discipline::adaptive_lifo;
    options.delay_control = control;
    options.work = Exponential{1ms};
    options.pauses = Pauses{Exponential{1s}, Constant{20ms}};
    LoadedStation loaded{options};
    loaded.run(50'000);
    const std::uint64_t before = counted_allocations();
    loaded.run(200'000);
    EXPECT_EQ(counted_allocations(), before);
    EXPECT_GT(loaded.station().counters().expired + loaded.station().counters().shed +
                  loaded.station().counters().refused,
              1'000U);
  }
}

}  // namespace
}  // namespace windtunnel::service
