#include <fstream>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "tests/live/live_cluster.hpp"

namespace windtunnel::live {
namespace {

namespace errc = boost::system::errc;

class LiveDiskTest : public LiveCluster {
 protected:
  void append(Disk& disk, std::string_view file, std::string bytes) {
    std::optional<error_code> result;
    disk.async_append(file, SharedBytes{std::move(bytes)},
                      [&](error_code error) { result = error; });
    run_until([&] { return result.has_value(); });
    EXPECT_FALSE(*result) << result->message();
  }

  error_code sync(Disk& disk, std::string_view file) {
    std::optional<error_code> result;
    disk.async_sync(file, [&](error_code error) { result = error; });
    run_until([&] { return result.has_value(); });
    return *result;
  }

  struct Reading {
    error_code error;
    std::string content;
  };
  Reading read(Disk& disk, std::string_view file) {
    std::optional<Reading> result;
    disk.async_read(file, [&](error_code error, const SharedBytes& content) {
      result = Reading{error, std::string{content.view()}};
    });
    run_until([&] { return result.has_value(); });
    return *result;
  }
};

TEST_F(LiveDiskTest, KeepsWhatWasWrittenOverARestart) {
  {
    LiveHost& host = start(kA);
    append(host.disk(), "log", "one");
    append(host.disk(), "log", "two");
    EXPECT_FALSE(sync(host.disk(), "log"));
  }
  stop(kA);
  LiveHost& host = start(kA);
  append(host.disk(), "log", "three");

  EXPECT_EQ(read(host.disk(), "log").content, "onetwothree");
}

TEST_F(LiveDiskTest, CarriesOutTheOperationsOnAFileInTheOrderStarted) {
  Disk& disk = start(kA).disk();
  std::vector<int> ended;
  const auto end = [&](int number) {
    return [&ended, number](error_code error) {
      EXPECT_FALSE(error) << number;
      ended.push_back(number);
    };
  };
  std::string content;
  disk.async_append("a", SharedBytes{"12345"}, end(1));
  disk.async_truncate("a", 2, end(2));
  disk.async_append("a", SharedBytes{"6"}, end(3));
  disk.async_sync("a", end(4));
  disk.async_rename("a", "b", end(5));
  disk.async_append("b", SharedBytes{"7"}, end(6));
  disk.async_read("b", [&](error_code error, const SharedBytes& bytes) {
    content = bytes.view();
    end(7)(error);
  });

  run_until([&] { return ended.size() == 7; });
  EXPECT_EQ(ended, (std::vector{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(content, "1267");
  EXPECT_EQ(read(disk, "a").error, errc::no_such_file_or_directory);
}

TEST_F(LiveDiskTest, RenamesOverAFileThatIsInUse) {
  Disk& disk = start(kA).disk();
  append(disk, "new", "new");
  append(disk, "old", "old");
  std::optional<error_code> renamed;
  disk.async_rename("new", "old", [&](error_code error) { renamed = error; });
  run_until([&] { return renamed.has_value(); });

  append(disk, "old", "er");

  EXPECT_EQ(read(disk, "old").content, "newer");
}

TEST_F(LiveDiskTest, TellsOfFilesThatAreNotThere) {
  Disk& disk = start(kA).disk();

  EXPECT_EQ(read(disk, "absent").error, errc::make_error_code(errc::no_such_file_or_directory));
  EXPECT_EQ(sync(disk, "absent"), errc::make_error_code(errc::no_such_file_or_directory));
}

TEST_F(LiveDiskTest, TellsOfAFailedWriteBehindAtTheNextSync) {
  Disk& disk = start(kA).disk();
  std::filesystem::create_symlink("/dev/full", directory_.path() / "0" / "full");
  disk.write_behind("full", "x");

  EXPECT_TRUE(sync(disk, "full"));

  disk.write_behind("sound", "x");
  EXPECT_FALSE(sync(disk, "sound"));
  EXPECT_EQ(read(disk, "sound").content, "x");
}

TEST_F(LiveDiskTest, CallsEveryOtherFailureAnIoError) {
  Disk& disk = start(kA).disk();
  std::filesystem::create_directory(directory_.path() / "0" / "occupied");

  EXPECT_EQ(read(disk, "occupied").error, errc::make_error_code(errc::io_error));
}

TEST_F(LiveDiskTest, TellsNobodyOfOperationsThatTheEndOfTheHostOvertakes) {
  bool was_told = false;
  {
    Disk& disk = start(kA).disk();
    disk.async_append("log", SharedBytes{"bytes"}, [&](error_code) { was_told = true; });
  }
  stop(kA);
  context_.poll();

  EXPECT_FALSE(was_told);
  EXPECT_EQ(read(start(kA).disk(), "log").content, "bytes");
}

}  // namespace
}  // namespace windtunnel::live
