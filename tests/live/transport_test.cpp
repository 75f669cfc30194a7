#include <optional>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "live/greeting.hpp"
#include "tests/live/live_cluster.hpp"

namespace windtunnel::live {
namespace {

using namespace std::chrono_literals;

class TransportTest : public LiveCluster {
 protected:
  /// Numbers of the pings that arrived at `host`, in order.
  [[nodiscard]] Subscription collect(LiveHost& host, std::vector<std::uint64_t>& numbers) {
    return host.messages().on<Ping>(
        [&numbers](HostId, Ping& ping) { numbers.push_back(ping.number); });
  }

  /// Answers each ping with its number.
  [[nodiscard]] static Subscription answer(LiveHost& host) {
    return host.messages().serve<Ping>([&host](HostId, Ping& ping, const ReplyTo& to) {
      host.messages().reply(to, Pong{ping.number});
    });
  }

  struct Answer {
    error_code error;
    Pong pong;
  };

  static void call(LiveHost& from, HostId to, std::uint64_t number, Duration timeout,
                   std::optional<Answer>& into) {
    from.messages().async_call<Pong>(to, Ping{number, ""}, timeout,
                                     [&into](error_code error, Pong pong) {
                                       into = Answer{error, pong};
                                     });
  }

  /// Sends raw bytes to `to` and waits until it closes the connection.
  void send_raw_until_closed(const Endpoint& to, std::string_view bytes) {
    asio::ip::tcp::socket socket{context_};
    socket.connect(to);
    asio::write(socket, asio::buffer(bytes));
    bool is_closed = false;
    std::array<char, 1024> read{};
    std::function<void()> read_on = [&] {
      socket.async_read_some(asio::buffer(read), [&](error_code error, std::size_t) {
        is_closed = static_cast<bool>(error);
        if (!is_closed) {
          read_on();
        }
      });
    };
    read_on();
    run_until([&] { return is_closed; });
  }
};

TEST_F(TransportTest, DeliversEventsInTheOrderSent) {
  LiveHost& a = start(kA);
  LiveHost& b = start(kB);
  std::vector<std::uint64_t> received;
  const Subscription subscription = collect(b, received);

  std::vector<std::uint64_t> sent;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    a.messages().send(kB, Ping{i, std::string(i, 'x')});
    sent.push_back(i);
  }

  run_until([&] { return received.size() == sent.size(); });
  EXPECT_EQ(received, sent);
}

TEST_F(TransportTest, DeliversWhatAHostSendsToItselfInALaterTurn) {
  LiveHost& a = start(kA);
  std::vector<std::uint64_t> received;
  const Subscription subscription = collect(a, received);

  a.messages().send(kA, Ping{5, ""});

  EXPECT_TRUE(received.empty());
  run_until([&] { return !received.empty(); });
}

TEST_F(TransportTest, CarriesMessagesLargerThanSocketBuffers) {
  LiveHost& a = start(kA);
  LiveHost& b = start(kB);
  std::string text;
  const Subscription subscription =
      b.messages().on<Ping>([&](HostId, Ping& ping) { text = ping.text; });
  const std::string large(20'000'000, 'y');

  a.messages().send(kB, Ping{1, large});

  run_until([&] { return !text.empty(); });
  EXPECT_EQ(text, large);
}

TEST_F(TransportTest, AnswersCallsOfAHostThatItLearnsFromItsGreeting) {
  LiveHost& b = start(kB);
  LiveHost& a = start(kA);
  const Subscription subscription = answer(b);
  b.hosts() = HostTable{};

  std::optional<Answer> answered;
  call(a, kB, 42, 10s, answered);

  run_until([&] { return answered.has_value(); });
  EXPECT_FALSE(answered->error);
  EXPECT_EQ(answered->pong.number, 42U);
}

TEST_F(TransportTest, EndsACallAtItsDeadline) {
  LiveHost& a = start(kA);
  LiveHost& b = start(kB);
  const Subscription subscription = b.messages().serve<Ping>([](HostId, Ping&, const ReplyTo&) {});

  std::optional<Answer> answered;
  const Instant before = a.now();
  call(a, kB, 1, 30ms, answered);

  run_until([&] { return answered.has_value(); });
  EXPECT_EQ(answered->error, asio::error::timed_out);
  EXPECT_GE(a.now() - before, 30ms);
}

TEST_F(TransportTest, RefusesACommandThatNobodyServes) {
  LiveHost& a = start(kA);
  start(kB);

  std::optional<Answer> answered;
  call(a, kB, 1, 10s, answered);

  run_until([&] { return answered.has_value(); });
  EXPECT_EQ(answered->error, asio::error::connection_refused);
}

TEST_F(TransportTest, FailsACallToAPortWhereNobodyListens) {
  LiveHost& a = start(kA);
  start(kB);
  stop(kB);

  std::optional<Answer> answered;
  call(a, kB, 1, 10s, answered);

  run_until([&] { return answered.has_value(); });
  EXPECT_EQ(answered->error, asio::error::connection_reset);
}

TEST_F(TransportTest, FailsCallsAtOnceWhileItPausesAfterARefusal) {
  LiveHost& a = start(kA, {.backoff_min = 1h, .backoff_max = 1h});
  start(kB);
  stop(kB);
  std::optional<Answer> first;
  call(a, kB, 1, 10s, first);
  run_until([&] { return first.has_value(); });

  std::optional<Answer> second;
  call(a, kB, 2, 2h, second);

  run_until([&] { return second.has_value(); });
  EXPECT_EQ(second->error, asio::error::connection_reset);
}

TEST_F(TransportTest, EndsItsPauseWhenThePeerGreets) {
  LiveHost& a = start(kA, {.backoff_min = 1h, .backoff_max = 1h});
  start(kB);
  stop(kB);
  std::optional<Answer> failed;
  call(a, kB, 1, 10s, failed);
  run_until([&] { return failed.has_value(); });
  std::vector<std::uint64_t> received_a;
  std::vector<std::uint64_t> received_b;
  LiveHost& b = start(kB);
  const Subscription at_a = collect(a, received_a);
  const Subscription at_b = collect(b, received_b);

  b.messages().send(kA, Ping{2, ""});
  run_until([&] { return !received_a.empty(); });
  a.messages().send(kB, Ping{3, ""});

  run_until([&] { return !received_b.empty(); });
  EXPECT_EQ(received_b, std::vector<std::uint64_t>{3});
}

TEST_F(TransportTest, FailsACallToAnUnknownHost) {
  LiveHost& a = start(kA);

  std::optional<Answer> answered;
  call(a, kNobody, 1, 10s, answered);

  run_until([&] { return answered.has_value(); });
  EXPECT_EQ(answered->error, asio::error::connection_reset);
}

TEST_F(TransportTest, FailsACallWhoseServerDiesAfterTakingIt) {
  LiveHost& a = start(kA);
  LiveHost& b = start(kB);
  bool is_taken = false;
  std::optional<Answer> answered;
  {
    const Subscription subscription =
        b.messages().serve<Ping>([&](HostId, Ping&, const ReplyTo&) { is_taken = true; });
    call(a, kB, 1, 10s, answered);
    run_until([&] { return is_taken; });
  }
  EXPECT_FALSE(answered.has_value());
  stop(kB);

  run_until([&] { return answered.has_value(); });
  EXPECT_EQ(answered->error, asio::error::connection_reset);
  EXPECT_EQ(facts(kA, "live.peer_lost"), 1);
}

TEST_F(TransportTest, ReachesAPeerAgainAfterItsRestartAndTellsOfTheLoss) {
  LiveHost& a = start(kA);
  std::vector<std::uint64_t> received;
  {
    LiveHost& b = start(kB);
    const Subscription subscription = collect(b, received);
    a.messages().send(kB, Ping{1, ""});
    run_until([&] { return !received.empty(); });
  }
  stop(kB);
  LiveHost& b = start(kB);
  const Subscription subscription = collect(b, received);
  run_until([&] { return facts(kA, "live.peer_lost") == 1; });

  a.messages().send(kB, Ping{2, ""});

  run_until([&] { return received.size() == 2; });
  EXPECT_EQ(received, (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(TransportTest, NeverGivesAProcessWhatWasSentToItsPredecessor) {
  LiveHost& a = start(kA);
  std::vector<std::uint64_t> received;
  {
    LiveHost& b = start(kB);
    const Subscription subscription = collect(b, received);
    a.messages().send(kB, Ping{1, ""});
    run_until([&] { return !received.empty(); });
  }
  // Queued on the connection to the first process before its end is known.
  a.messages().send(kB, Ping{2, ""});
  stop(kB);
  LiveHost& b = start(kB);
  const Subscription subscription = collect(b, received);
  run_until([&] { return facts(kA, "live.peer_lost") == 1; });

  a.messages().send(kB, Ping{3, ""});

  run_until([&] { return received.size() == 2; });
  EXPECT_EQ(received, (std::vector<std::uint64_t>{1, 3}));
}

TEST_F(TransportTest, RetransmitsAfterBrokenConnectionsWithoutLossOrDuplicate) {
  LiveHost& a = start(kA);
  LiveHost& b = start(kB);
  std::vector<std::uint64_t> received;
  const Subscription subscription = collect(b, received);
  std::vector<std::uint64_t> sent;
  // More than the kernel's buffers take, so that each break falls into the middle: some frames
  // arrived, some are on the way, some are not written yet.
  const std::string text(40'000, 'z');
  for (int round = 0; round < 3; ++round) {
    const std::size_t before = received.size();
    for (int i = 0; i < 200; ++i) {
      sent.push_back(sent.size());
      a.messages().send(kB, Ping{sent.back(), text});
    }
    run_until([&] { return received.size() > before; });
    a.transport().break_connections();
  }

  run_until([&] { return received.size() == sent.size(); });
  EXPECT_EQ(received, sent);
  EXPECT_GT(a.transport().counters().frames_retransmitted, 0U);
  EXPECT_EQ(a.transport().counters().peers_lost, 0U);
}

TEST_F(TransportTest, DropsFramesThatItHasSeenBefore) {
  LiveHost& b = start(kB);
  std::vector<std::uint64_t> received;
  const Subscription subscription = collect(b, received);
  std::string bytes;
  write_greeting(bytes, Hello{kNobody, SessionId{99}, "127.0.0.1:1"});
  ByteBuffer body;
  ByteWriter out{body};
  out.fixed32(wire_id(Ping::kWireName));
  out.varint(0);
  encode(out, Ping{3, ""});
  write_frame(bytes, {FrameType::event, 1, body.view()});
  write_frame(bytes, {FrameType::event, 1, body.view()});
  bytes += "end";

  send_raw_until_closed(b.endpoint(), bytes);

  EXPECT_EQ(received, std::vector<std::uint64_t>{3});
  EXPECT_EQ(b.transport().counters().duplicates_dropped, 1U);
}

TEST_F(TransportTest, DropsTheQueueOfAnAbandonedConnectionAndSendsWhatFollows) {
  LiveHost& a = start(kA);
  LiveHost& b = start(kB);
  std::vector<std::uint64_t> received;
  const Subscription subscription = collect(b, received);

  a.messages().send(kB, Ping{1, ""});
  a.abandon_connection(kB);
  a.messages().send(kB, Ping{2, ""});

  run_until([&] { return !received.empty(); });
  EXPECT_EQ(received, std::vector<std::uint64_t>{2});
}

TEST_F(TransportTest, TakesAFullQueueForALostConnection) {
  LiveHost& a = start(kA, {.queue_bytes_max = 10'000});
  start(kB);
  std::optional<Answer> answered;
  call(a, kB, 1, 10s, answered);

  a.messages().send(kB, Ping{1, std::string(20'000, 'x')});

  run_until([&] { return answered.has_value(); });
  EXPECT_EQ(answered->error, asio::error::connection_reset);
}

TEST_F(TransportTest, CountsAndCutsOffAPeerThatSendsGarbage) {
  LiveHost& b = start(kB);

  send_raw_until_closed(b.endpoint(), "GET / HTTP/1.1\r\n\r\n");

  EXPECT_EQ(b.transport().counters().bad_frames, 1U);
  EXPECT_EQ(facts(kB, "live.bad_frame"), 1);
}

TEST_F(TransportTest, CutsOffAPeerThatDoesNotGreetFirst) {
  LiveHost& b = start(kB);
  std::string bytes;
  write_frame(bytes, {FrameType::event, 1, "body"});

  send_raw_until_closed(b.endpoint(), bytes);

  EXPECT_EQ(b.transport().counters().bad_frames, 1U);
}

TEST_F(TransportTest, CutsOffAPeerThatNeverGreets) {
  LiveHost& b = start(kB, {.greeting_timeout = 20ms});

  send_raw_until_closed(b.endpoint(), "");

  EXPECT_EQ(b.transport().counters().bad_frames, 0U);
}

TEST_F(TransportTest, TakesAnUnknownMessageTypeForABadFrameAndGoesOnBehindIt) {
  LiveHost& a = start(kA);
  LiveHost& b = start(kB);
  std::vector<std::uint64_t> received;
  const Subscription subscription = collect(b, received);

  a.messages().send(kB, Unregistered{1});
  a.messages().send(kB, Ping{2, ""});

  run_until([&] { return !received.empty(); });
  EXPECT_EQ(received, std::vector<std::uint64_t>{2});
  EXPECT_EQ(b.transport().counters().bad_frames, 1U);
}

}  // namespace
}  // namespace windtunnel::live
