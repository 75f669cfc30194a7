#include "sim/simulated_disk.hpp"

#include <gtest/gtest.h>

#include "tests/sim/small_world.hpp"

namespace windtunnel::sim {
namespace {

class SimulatedDiskTest : public ::testing::Test {
 protected:
  SimulatedDiskTest() { world_.start(0); }

  Completion<void(error_code)> noting(char letter) {
    return Completion<void(error_code)>{[this, letter](error_code error) {
      log_ += error ? '?' : letter;
      times_.push_back(world_.now());
    }};
  }
  SimulatedDisk& disk() { return static_cast<SimulatedDisk&>(world_.host(0).disk()); }
  void append(std::string_view file, std::string bytes) { disk().append(file, bytes, noting('a')); }
  void sync(std::string_view file) { disk().sync(file, noting('s')); }
  std::string content(std::string_view file) {
    std::string found = "(missing)";
    disk().read(file, Completion<void(error_code, SharedBytes)>{
                          [&](error_code error, const SharedBytes& bytes) {
                            if (!error) {
                              found = bytes.view();
                            }
                          }});
    world_.run_for(1min);
    return found;
  }
  void power_cycle() {
    world_.host(0).lose_power();
    world_.host(0).start();
  }

  SmallWorld world_;
  std::string log_;
  std::vector<Duration> times_;
};

TEST_F(SimulatedDiskTest, ServesItsOperationsOneAfterTheOtherInOrder) {
  append("one", "x");
  sync("one");
  append("two", "y");
  sync("two");
  world_.run_for(1s);
  EXPECT_EQ(log_, "asas");
  EXPECT_EQ(times_, (std::vector<Duration>{10us, 1010us, 1020us, 2020us}));
}

TEST_F(SimulatedDiskTest, WritesBehindInTheirTurnAndTellNobody) {
  disk().write_behind("file", "x");
  sync("file");
  world_.run_for(1s);
  EXPECT_EQ(log_, "s");
  EXPECT_EQ(times_, (std::vector<Duration>{1010us}));
  EXPECT_EQ(content("file"), "x");
}

TEST_F(SimulatedDiskTest, KeepsUnsyncedBytesThroughACrash) {
  append("file", "unsynced");
  world_.host(0).crash();
  world_.host(0).start();
  EXPECT_EQ(content("file"), "unsynced");
}

TEST_F(SimulatedDiskTest, RunsNoCompletionOfACrashedProcess) {
  append("file", "x");
  sync("file");
  world_.host(0).crash();
  world_.host(0).start();
  world_.run_for(1s);
  EXPECT_EQ(log_, "");
}

TEST_F(SimulatedDiskTest, FinishesASyncThoughItsProcessCrashed) {
  append("file", "x");
  sync("file");
  world_.host(0).crash();
  world_.run_for(1s);
  world_.host(0).lose_power();
  world_.host(0).start();
  EXPECT_EQ(content("file"), "x");
}

TEST_F(SimulatedDiskTest, PowerLossBeforeTheSyncEndsMayLoseAllOfIt) {
  bool lost_all = false;
  bool kept_all = false;
  for (int i = 0; i < 40; ++i) {
    const std::string file = "file" + std::to_string(i);
    append(file, "ab");
    sync(file);
    power_cycle();
    const std::string left = content(file);
    lost_all = lost_all || left.empty();
    kept_all = kept_all || left == "ab";
  }
  EXPECT_TRUE(lost_all && kept_all);
}

TEST_F(SimulatedDiskTest, CountsWhatAPowerLossTook) {
  append("file", std::string(1000, 'x'));
  power_cycle();
  EXPECT_EQ(disk().counters().bytes_lost, 1000 - content("file").size());
}

TEST_F(SimulatedDiskTest, RenamesReplaceTheTarget) {
  append("old", "old");
  append("new", "new");
  disk().rename("new", "old", noting('r'));
  EXPECT_EQ(content("old"), "new");
  EXPECT_EQ(content("new"), "(missing)");
  EXPECT_EQ(log_, "aar");
}

TEST_F(SimulatedDiskTest, SyncsFollowARenamedFile) {
  append("file", "x");
  sync("file");
  disk().rename("file", "other", noting('r'));
  world_.run_for(1s);
  power_cycle();
  EXPECT_EQ(content("other"), "x");
}

TEST_F(SimulatedDiskTest, TruncatesDurably) {
  append("file", "abcdef");
  sync("file");
  disk().truncate("file", 2, noting('t'));
  world_.run_for(1s);
  power_cycle();
  EXPECT_EQ(content("file"), "ab");
}

TEST_F(SimulatedDiskTest, ASyncStartedBeforeATruncationVouchesForNothingAppendedAfterIt) {
  bool lost = false;
  for (int i = 0; i < 40; ++i) {
    const std::string file = "file" + std::to_string(i);
    append(file, "abcd");
    sync(file);
    disk().truncate(file, 1, noting('t'));
    append(file, "xyz");
    world_.run_for(1s);
    power_cycle();
    const std::string left = content(file);
    EXPECT_EQ(left.substr(0, 1), "a");
    lost = lost || left == "a";
  }
  EXPECT_TRUE(lost);
}

TEST_F(SimulatedDiskTest, AnswersForAMissingFile) {
  sync("none");
  disk().truncate("none", 0, noting('t'));
  disk().rename("none", "other", noting('r'));
  world_.run_for(1s);
  EXPECT_EQ(log_, "???");
  EXPECT_EQ(content("none"), "(missing)");
}

TEST(SimulatedDisk, WithoutTearingLosesTheWholeUnsyncedTail) {
  SmallWorld world{{.host = {.disk = {.tears_writes = false}}}};
  world.start(0);
  auto& disk = static_cast<SimulatedDisk&>(world.host(0).disk());
  const auto ignore = [] { return Completion<void(error_code)>{[](error_code) {}}; };
  disk.append("file", "kept", ignore());
  disk.sync("file", ignore());
  world.run_for(1s);
  disk.append("file", "lost", ignore());
  world.run_for(1s);
  world.host(0).lose_power();
  EXPECT_EQ(disk.counters().bytes_lost, 4U);
}

/// Appends, syncs and loses power at random; whatever was acknowledged as synced is a prefix of
/// what is found afterwards, and that is a prefix of what was written.
void check_synced_prefix(std::uint64_t seed) {
  SmallWorld world{{.world = {.seed = seed}, .host = {.disk = {.sync = Uniform{1ms, 9ms}}}}};
  RandomStream random{seed, "workload"};
  std::string written;
  std::size_t durable = 0;
  world.start(0);
  for (int step = 0; step < 100; ++step) {
    auto& disk = world.host(0).disk();
    switch (random.below(4)) {
      case 0:
      case 1: {
        const std::string bytes(random.below(20), static_cast<char>('a' + step % 26));
        written += bytes;
        disk.append("log", bytes, Completion<void(error_code)>{[](error_code) {}});
        break;
      }
      case 2:
        disk.sync("log",
                  Completion<void(error_code)>{[&, reach = written.size()](error_code error) {
                    if (!error) {
                      durable = std::max(durable, reach);
                    }
                  }});
        world.run_for(Duration{static_cast<std::int64_t>(random.below(10'000'000))});
        break;
      default: {
        if (random.below(3) != 0) {
          break;
        }
        world.host(0).lose_power();
        world.host(0).start();
        std::string found;
        world.host(0).disk().read(
            "log", Completion<void(error_code, SharedBytes)>{
                       [&](error_code, const SharedBytes& bytes) { found = bytes.view(); }});
        world.run_for(1s);
        ASSERT_GE(found.size(), durable) << "seed " << seed;
        ASSERT_EQ(found, written.substr(0, found.size())) << "seed " << seed;
        written = found;
        durable = found.size();
      }
    }
  }
}

TEST(SimulatedDisk, KeepsTheSyncedPrefixThroughPowerLossForEverySeed) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    check_synced_prefix(seed);
  }
}

}  // namespace
}  // namespace windtunnel::sim
