#include "sim/stream_table.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "tests/sim/small_world.hpp"

namespace windtunnel::sim {
namespace {

constexpr Port kPort{80};
constexpr auto kTuple = asio::as_tuple(asio::deferred);

/// Reads until the stream fails; what it read and how it failed.
struct Reading {
  std::string bytes;
  error_code ended;
  Duration at{};
};

asio::awaitable<void> read_all(ByteStream stream, SmallWorld& world, Reading& reading) {
  std::array<char, 5000> buffer{};
  while (!reading.ended) {
    const auto [error, bytes] = co_await stream.async_read_some(asio::buffer(buffer), kTuple);
    reading.bytes.append(buffer.data(), bytes);
    reading.ended = error;
  }
  reading.at = world.now();
}

asio::awaitable<void> accept_and_read(Host& host, SmallWorld& world, std::deque<Reading>& all) {
  Acceptor acceptor = host.listen(kPort);
  for (;;) {
    ByteStream stream = co_await acceptor.async_accept(asio::deferred);
    spawn(host, read_all(std::move(stream), world, all.emplace_back()));
  }
}

Setup reading_all(SmallWorld& world, std::deque<Reading>& all) {
  return [&](Host& host, Bundle&) { spawn(host, accept_and_read(host, world, all)); };
}

std::string pattern(std::size_t size, char seed) {
  std::string bytes(size, ' ');
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>(static_cast<std::size_t>(seed) + i * 31 + i / 256);
  }
  return bytes;
}

asio::awaitable<void> write_all(Host& host, std::string bytes, Duration linger = 0s) {
  ByteStream stream = co_await host.async_connect(HostId{1}, kPort, asio::deferred);
  co_await asio::async_write(stream, asio::buffer(bytes), asio::deferred);
  co_await sleep_for(host, linger);
}

TEST(ByteStream, CarriesEveryByteInOrderAndEndsWithEof) {
  SmallWorld world;
  std::deque<Reading> all;
  world.start(1, reading_all(world, all));
  const std::string bytes = pattern(1'000'000, 'a');
  world.start(0, [&](Host& host, Bundle&) { spawn(host, write_all(host, bytes)); });
  world.run_for(1min);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_TRUE(all[0].bytes == bytes);
  EXPECT_EQ(all[0].ended, error_code{asio::error::eof});
}

TEST(ByteStream, IsHeldToAWindowForEachRoundTrip) {
  // A million bytes through 64 KiB and 2 ms there and back take at least 15 round trips.
  SmallWorld world;
  std::deque<Reading> all;
  world.start(1, reading_all(world, all));
  world.start(0,
              [&](Host& host, Bundle&) { spawn(host, write_all(host, pattern(1'000'000, 'a'))); });
  world.run_for(1min);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_GE(all[0].at, 30ms);
  EXPECT_LE(all[0].at, 70ms);
}

asio::awaitable<void> write_unread(Host& host, std::size_t& written) {
  ByteStream stream = co_await host.async_connect(HostId{1}, kPort, asio::deferred);
  const std::string bytes(10'000, 'x');
  for (;;) {
    written += co_await stream.async_write_some(asio::buffer(bytes), asio::deferred);
  }
}

TEST(ByteStream, StopsAWriterWhoseReaderDoesNotRead) {
  SmallWorld world;
  std::size_t written = 0;
  world.start(1, [](Host& host, Bundle& bundle) {
    bundle.kept.push_back(std::make_shared<Acceptor>(host.listen(kPort)));
  });
  world.start(0, [&](Host& host, Bundle&) { spawn(host, write_unread(host, written)); });
  world.run_for(1min);
  EXPECT_EQ(written, StreamTable::kWindowBytes);
}

TEST(ByteStream, InterleavesTwoStreamsWithoutMixingThem) {
  SmallWorld world{{.zone_link = {.latency = Uniform{1ms, 3ms}}}};
  std::deque<Reading> all;
  world.start(1, reading_all(world, all));
  world.start(0, [&](Host& host, Bundle&) {
    spawn(host, write_all(host, pattern(300'000, 'a')));
    spawn(host, write_all(host, pattern(300'000, 'q')));
  });
  world.run_for(1min);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(all[0].bytes == pattern(300'000, 'a'));
  EXPECT_TRUE(all[1].bytes == pattern(300'000, 'q'));
}

TEST(ByteStream, IsResetWhenThePeerCrashes) {
  SmallWorld world;
  std::deque<Reading> all;
  world.start(1, reading_all(world, all));
  world.start(0, [&](Host& host, Bundle&) { spawn(host, write_all(host, "hello", 1h)); });
  world.at(100ms, [&] { world.host(0).crash(); });
  world.run_for(1min);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].bytes, "hello");
  EXPECT_EQ(all[0].ended, error_code{asio::error::connection_reset});
  EXPECT_EQ(all[0].at, 101ms);
}

TEST(ByteStream, WrittenToAfterASilentPeerTimesOut) {
  SmallWorld world;
  error_code seen;
  world.start(1, [](Host& host, Bundle& bundle) {
    bundle.kept.push_back(std::make_shared<Acceptor>(host.listen(kPort)));
  });
  world.start(0, [&](Host& host, Bundle&) {
    spawn(host, [](Host& at, error_code& error) -> asio::awaitable<void> {
      ByteStream stream = co_await at.async_connect(HostId{1}, kPort, asio::deferred);
      co_await sleep_for(at, 1s);
      const std::string bytes(10, 'x');
      co_await stream.async_write_some(asio::buffer(bytes), asio::deferred);
      char byte = 0;
      std::tie(error, std::ignore) =
          co_await stream.async_read_some(asio::buffer(&byte, 1), kTuple);
    }(host, seen));
  });
  world.at(500ms, [&] { world.host(1).lose_power(); });
  world.run_for(1min);
  EXPECT_EQ(seen, error_code{asio::error::timed_out});
}

asio::awaitable<void> read_with_patience(Host& host, SmallWorld& world, Duration& gave_up) {
  using namespace asio::experimental::awaitable_operators;
  ByteStream stream = co_await host.async_connect(HostId{1}, kPort, asio::deferred);
  char byte = 0;
  const auto result = co_await (
      stream.async_read_some(asio::buffer(&byte, 1), asio::as_tuple(asio::use_awaitable)) ||
      sleep_for(host, 20ms));
  gave_up = result.index() == 1 ? world.now() : -1s;
  // Only the read was given up: the stream still carries what is written.
  const std::string bytes = "after";
  co_await asio::async_write(stream, asio::buffer(bytes), asio::deferred);
}

TEST(ByteStream, GivesUpAReadThatATimerOvertakesAndGoesOn) {
  SmallWorld world;
  std::deque<Reading> all;
  Duration gave_up{};
  world.start(1, reading_all(world, all));
  world.start(0,
              [&](Host& host, Bundle&) { spawn(host, read_with_patience(host, world, gave_up)); });
  world.run_for(1min);
  EXPECT_EQ(gave_up, 22ms);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].bytes, "after");
}

/// How connecting to host 1 ends, and when.
struct Connecting {
  error_code error = asio::error::fault;
  Duration at{};
};

asio::awaitable<void> connect(Host& host, SmallWorld& world, Connecting& connecting) {
  const auto [error, stream] = co_await host.async_connect(HostId{1}, kPort, kTuple);
  connecting = {error, world.now()};
}

TEST(Connect, IsRefusedWhereNobodyListens) {
  SmallWorld world;
  Connecting seen;
  world.start(1);
  world.start(0, [&](Host& host, Bundle&) { spawn(host, connect(host, world, seen)); });
  world.run_for(1min);
  EXPECT_EQ(seen.error, error_code{asio::error::connection_refused});
  EXPECT_EQ(seen.at, 2ms);
}

TEST(Connect, IsRefusedWhereTheProcessIsDown) {
  SmallWorld world;
  Connecting seen;
  world.start(0, [&](Host& host, Bundle&) { spawn(host, connect(host, world, seen)); });
  world.run_for(1min);
  EXPECT_EQ(seen.error, error_code{asio::error::connection_refused});
  EXPECT_EQ(seen.at, 2ms);
}

TEST(Connect, TimesOutWhereNothingAnswers) {
  SmallWorld world;
  Connecting seen;
  world.host(1).lose_power();
  world.start(0, [&](Host& host, Bundle&) { spawn(host, connect(host, world, seen)); });
  world.run_for(1min);
  EXPECT_EQ(seen.error, error_code{asio::error::timed_out});
  EXPECT_EQ(seen.at, 25'400ms);
}

TEST(Acceptor, DestroyedWhileItWaitsAbortsTheWait) {
  SmallWorld world;
  world.start(0);
  auto acceptor = std::make_unique<Acceptor>(world.host(0).listen(kPort));
  error_code seen;
  acceptor->async_accept([&](error_code error, const ByteStream&) { seen = error; });
  acceptor.reset();
  world.run_for(1s);
  EXPECT_EQ(seen, error_code{asio::error::operation_aborted});
}

}  // namespace
}  // namespace windtunnel::sim
