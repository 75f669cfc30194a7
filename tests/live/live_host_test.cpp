#include <optional>
#include <set>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "runtime/timer.hpp"
#include "tests/live/live_cluster.hpp"

namespace windtunnel::live {
namespace {

using namespace std::chrono_literals;

class LiveHostTest : public LiveCluster {};

/// Sets a flag when it is destroyed: what a coroutine leaves when its frame goes.
struct Witness {
  bool& is_gone;
  ~Witness() { is_gone = true; }
};

asio::awaitable<void> wait_for_ever(Host& host, bool& is_gone) {
  const Witness witness{is_gone};
  Timer timer{host};
  timer.expires_after(1h);
  co_await timer.async_wait(asio::deferred);
}

TEST_F(LiveHostTest, DestroysWaitingCoroutinesWithTheHost) {
  bool is_gone = false;
  LiveHost& a = start(kA);
  spawn(a, wait_for_ever(a, is_gone));
  context_.poll();
  EXPECT_FALSE(is_gone);

  stop(kA);

  EXPECT_TRUE(is_gone);
}

TEST_F(LiveHostTest, DestroysCoroutinesThatHaveNotRunYetWithTheHost) {
  bool is_gone = false;
  LiveHost& a = start(kA);
  asio::post(a.executor(), [witness = std::make_unique<Witness>(is_gone)] {});
  stop(kA);

  EXPECT_TRUE(is_gone);
  context_.poll();
}

TEST_F(LiveHostTest, RunsPostedFunctionsInOrder) {
  LiveHost& a = start(kA);
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) {
    asio::post(a.executor(), [&order, i] { order.push_back(i); });
  }

  run_until([&] { return order.size() == 5; });
  EXPECT_EQ(order, (std::vector{0, 1, 2, 3, 4}));
}

TEST_F(LiveHostTest, WakesTimersAfterTheirDeadline) {
  LiveHost& a = start(kA);
  bool has_woken = false;
  Timer timer{a};
  const Instant deadline = a.now() + 10ms;
  timer.expires_at(deadline);
  timer.async_wait([&](error_code error) { has_woken = !error; });

  run_until([&] { return has_woken; });
  EXPECT_GE(a.now(), deadline);
}

TEST_F(LiveHostTest, DrawsTheSameStreamsFromTheSameSeed) {
  LiveHost& a = start(kA);

  EXPECT_EQ(a.random("x").next(), a.random("x").next());
  EXPECT_NE(a.random("x").next(), a.random("y").next());
}

TEST_F(LiveHostTest, HasANewSessionInEachLife) {
  std::set<SessionId> sessions;
  for (int life = 0; life < 3; ++life) {
    sessions.insert(start(kA).transport().session());
    stop(kA);
  }

  EXPECT_EQ(sessions.size(), 3U);
}

TEST(LiveJournal, WritesALineOfJsonPerFact) {
  const Ping fact{18'446'744'073'709'551'615U, "quote \" back\\slash \n tab\t ümlaut"};
  const std::string line = fact_line(instant_at<WallInstant>(1'700'000'000'123'456'789), "cp-\"a\"",
                                     description_of<Ping>(), &fact);

  ASSERT_TRUE(line.ends_with("}\n"));
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["at"], 1'700'000'000'123'456'789);
  EXPECT_EQ(json["host"], "cp-\"a\"");
  EXPECT_EQ(json["fact"], "test.ping");
  EXPECT_EQ(json["fields"]["number"], 18'446'744'073'709'551'615U);
  EXPECT_EQ(json["fields"]["text"], fact.text);
}

TEST(LiveJournal, WritesValidJsonWhateverBytesAFactHolds) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const Ping fact{1, std::string{static_cast<char>(first), static_cast<char>(second)}};
      const std::string line = fact_line({}, "h", description_of<Ping>(), &fact);
      ASSERT_TRUE(nlohmann::json::accept(line)) << first << ' ' << second;
    }
  }
}

TEST(Endpoint, ReadsBackWhatItWrites) {
  for (const char* text : {"127.0.0.1:7001", "[::1]:80", "0.0.0.0:0"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(endpoint_text(*endpoint), text);
  }
}

TEST(Endpoint, RefusesWhatIsNoNumericAddressAndPort) {
  for (const char* text :
       {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1: 1",
        "127.0.0.1:1x", "localhost:80", "::1:80", "[127.0.0.1]:80", "[]:80"}) {
    EXPECT_FALSE(parse_endpoint(text)) << text;
  }
}

}  // namespace
}  // namespace windtunnel::live
