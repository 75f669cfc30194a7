// Random programs give the same history on the scheduler as on a plain heap.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "sim/scheduler.hpp"
#include "tests/sim/plain_heap_scheduler.hpp"

namespace windtunnel::sim {
namespace {

enum class Increments : std::uint8_t { exponential, constant, bimodal, tied, any_scale, mixed };

constexpr std::int64_t kFar = std::int64_t{1} << 48U;

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): short, and independent of what the simulator
/// itself draws with.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E37'79B9'7F4A'7C15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58'476D'1CE4'E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D0'49BB'1331'11EBU;
    return mixed ^ (mixed >> 31U);
  }
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  std::int64_t nanoseconds(std::uint64_t bound) { return static_cast<std::int64_t>(below(bound)); }

 private:
  std::uint64_t state_;
};

std::int64_t draw_increment(Increments increments, Draws& draws) {
  switch (increments) {
    case Increments::exponential: {
      const double uniform = (static_cast<double>(draws.below(1'000'000)) + 0.5) / 1e6;
      return static_cast<std::int64_t>(-1e6 * std::log(uniform));
    }
    case Increments::constant:
      return 10'000;
    case Increments::bimodal:
      return draws.below(10) == 0 ? 50'000'000 + draws.nanoseconds(1000) : draws.nanoseconds(100);
    case Increments::tied:
      return draws.nanoseconds(4) * draws.nanoseconds(2);
    case Increments::any_scale:
      return draws.nanoseconds(std::uint64_t{1} << draws.below(45));
    case Increments::mixed:
      return draw_increment(static_cast<Increments>(draws.below(5)), draws);
  }
  return 0;
}

/// A program that draws what it does next from one stream: any difference in the order of events
/// changes all that follows.
template <typename SchedulerType, typename EventHandle, typename TimeoutHandle>
class Program {
 public:
  Program(std::uint64_t seed, Increments increments, std::size_t population)
      : draws_(seed), increments_(increments), population_(population) {}

  std::vector<std::uint64_t> run(int rounds) {
    for (int round = 0; round < 32; ++round) {
      add_timeout();
    }
    for (int round = 0; round < rounds; ++round) {
      run_round();
      note(scheduler_.pending());
    }
    return history_;
  }

 private:
  struct ContextOfTimeout {
    Program* program;
    std::size_t index;
  };
  struct OwnedTimeout {
    TimeoutHandle handle;
    std::unique_ptr<ContextOfTimeout> context;
  };

  /// What happens outside of any handler.
  void run_round() {
    while (scheduler_.pending() < population_) {
      add_event();
    }
    switch (draws_.below(7)) {
      case 0:
        note_next();
        add_event();
        break;
      case 6:
        note_next();
        add_burst();
        break;
      case 1:
        scheduler_.run_until(scheduler_.now() + Duration{draw_increment(increments_, draws_)});
        note_now();
        break;
      case 2:
        cancel_any();
        break;
      case 3:
        scheduler_.schedule(scheduler_.now() + Duration{kFar + draws_.nanoseconds(1000)}, [] {});
        break;
      default:
        for (std::uint64_t count = draws_.below(2 * population_ + 1); count > 0; --count) {
          scheduler_.run_one();
        }
    }
  }

  void add_event() {
    const std::uint64_t tag = tags_++;
    const auto at = scheduler_.now() + Duration{draw_increment(increments_, draws_)};
    events_.push_back(scheduler_.schedule(at, [this, tag] {
      note(tag);
      note_now();
      act();
    }));
  }

  /// More at once than a sparse queue was prepared for.
  void add_burst() {
    for (std::uint64_t count = draws_.below(300); count > 0; --count) {
      add_event();
    }
  }

  void add_timeout() {
    auto context = std::make_unique<ContextOfTimeout>(ContextOfTimeout{this, timeouts_.size()});
    const TimeoutHandle handle = scheduler_.create_timeout(&Program::on_timeout, context.get());
    timeouts_.push_back({handle, std::move(context)});
  }

  static void on_timeout(void* context) {
    const auto& timeout = *static_cast<ContextOfTimeout*>(context);
    timeout.program->note(1'000'000'000 + timeout.index);
    timeout.program->note_now();
    timeout.program->act();
  }

  /// What a handler does: about one successor, and something with the timeouts.
  void act() {
    for (std::uint64_t count = draws_.below(3); count > 0 && scheduler_.pending() < 2 * population_;
         --count) {
      add_event();
    }
    OwnedTimeout& timeout = timeouts_[draws_.below(timeouts_.size())];
    switch (draws_.below(16)) {
      case 4:
        if (draws_.below(20) == 0) {
          add_burst();
        }
        break;
      case 0:
        cancel_any();
        break;
      case 1:
        scheduler_.disarm(timeout.handle);
        break;
      case 2:
        scheduler_.destroy(timeout.handle);
        timeout.handle = scheduler_.create_timeout(&Program::on_timeout, timeout.context.get());
        break;
      case 3:
        note_next();
        break;
      default:
        scheduler_.arm(timeout.handle,
                       scheduler_.now() + Duration{draw_increment(increments_, draws_)});
    }
  }

  void cancel_any() {
    if (!events_.empty()) {
      const std::size_t from = events_.size() - std::min(events_.size(), 2 * population_);
      note(scheduler_.cancel(events_[from + draws_.below(events_.size() - from)]) ? 1 : 0);
    }
  }

  void note(std::uint64_t what) { history_.push_back(what); }
  void note_now() { note(static_cast<std::uint64_t>(nanoseconds_of(scheduler_.now()))); }
  void note_next() {
    const auto next = scheduler_.next_at();
    note(next ? static_cast<std::uint64_t>(nanoseconds_of(*next)) : 7);
  }

  SchedulerType scheduler_;
  Draws draws_;
  Increments increments_;
  std::size_t population_;
  std::uint64_t tags_ = 0;
  std::vector<EventHandle> events_;
  std::vector<OwnedTimeout> timeouts_;
  std::vector<std::uint64_t> history_;
};

using RealProgram = Program<Scheduler, EventId, TimeoutId>;
using PlainProgram =
    Program<PlainHeapScheduler, PlainHeapScheduler::Handle, PlainHeapScheduler::Handle>;

class SchedulerOrder
    : public testing::TestWithParam<std::tuple<Increments, std::size_t, std::uint64_t>> {};

TEST_P(SchedulerOrder, AgreesWithAPlainHeap) {
  const auto [increments, population, seed] = GetParam();
  const int rounds = static_cast<int>(std::clamp<std::size_t>(40'000 / population, 20, 1500));
  const auto expected = PlainProgram(seed, increments, population).run(rounds);
  const auto found = RealProgram(seed, increments, population).run(rounds);
  const auto [left, right] =
      std::mismatch(expected.begin(), expected.end(), found.begin(), found.end());
  EXPECT_TRUE(left == expected.end() && right == found.end())
      << "first difference at entry " << left - expected.begin() << " of " << expected.size();
}

std::string name_of(const testing::TestParamInfo<SchedulerOrder::ParamType>& info) {
  constexpr std::array<const char*, 6> kNames{"Exponential", "Constant", "Bimodal",
                                              "Tied",        "AnyScale", "Mixed"};
  const auto [increments, population, seed] = info.param;
  return std::string{kNames.at(static_cast<std::size_t>(increments))} + "Population" +
         std::to_string(population) + "Seed" + std::to_string(seed);
}

INSTANTIATE_TEST_SUITE_P(RandomPrograms, SchedulerOrder,
                         testing::Combine(testing::Values(Increments::exponential,
                                                          Increments::constant, Increments::bimodal,
                                                          Increments::tied, Increments::any_scale,
                                                          Increments::mixed),
                                          testing::Values(1, 60, 150, 5000),
                                          testing::Values(1, 2, 3)),
                         name_of);

}  // namespace
}  // namespace windtunnel::sim
