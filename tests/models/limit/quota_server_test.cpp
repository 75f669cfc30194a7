#include "models/limit/quota_server.hpp"

#include <gtest/gtest.h>

#include "runtime/check.hpp"

namespace windtunnel::limit {
namespace {

using std::chrono::seconds;

Instant at(Duration time) {
  return Instant{time};
}

QuotaServerOptions first_server() {
  return {.capacity = 100'000, .predecessor_lease_length = Duration::zero()};
}

QuotaServerOptions second_server() {
  QuotaServerOptions options = first_server();
  options.epoch = 2;
  options.predecessor_lease_length = options.lease_length;
  return options;
}

QuotaRequest request(std::uint32_t client, Quota wants) {
  QuotaRequest request;
  request.client = QuotaClientId{client};
  request.incarnation = 1;
  request.wants = wants;
  return request;
}

TEST(QuotaServer, LendsNoMoreThanOthersLeave) {
  QuotaServer server{first_server(), Instant{}};
  EXPECT_EQ(server.step(Instant{}, request(1, 100'000))->quota, 100'000U);
  // Entitled to a half, but the first still holds everything.
  EXPECT_EQ(server.step(Instant{}, request(2, 100'000))->quota, 0U);
  EXPECT_EQ(server.lent(Instant{}), 100'000U);
}

TEST(QuotaServer, CountsALoweredLeaseInFullUntilItsClientSaysItHasIt) {
  QuotaServer server{first_server(), Instant{}};
  (void)server.step(Instant{}, request(1, 100'000));
  (void)server.step(Instant{}, request(2, 100'000));
  const auto lowered = server.step(at(seconds{1}), request(1, 100'000));
  EXPECT_EQ(lowered->quota, 50'000U);
  EXPECT_EQ(server.step(at(seconds{1}), request(2, 100'000))->quota, 0U);

  QuotaRequest adopted = request(1, 100'000);
  adopted.epoch = 1;
  adopted.adopted = lowered->lease;
  (void)server.step(at(seconds{2}), adopted);
  EXPECT_EQ(server.step(at(seconds{2}), request(2, 100'000))->quota, 50'000U);
}

TEST(QuotaServer, ForgetsALeaseWhenItHasExpired) {
  QuotaServer server{first_server(), Instant{}};
  (void)server.step(Instant{}, request(1, 100'000));
  EXPECT_EQ(server.lent(at(seconds{10} - Duration{1})), 100'000U);
  EXPECT_EQ(server.lent(at(seconds{10})), 0U);
  EXPECT_EQ(server.step(at(seconds{10}), request(2, 100'000))->quota, 100'000U);
  EXPECT_EQ(server.clients(), 1U);
}

TEST(QuotaServer, ShortensLeasesByTheDriftOfBothClocks) {
  QuotaServerOptions options = first_server();
  options.drift_parts_per_million = 200'000;
  QuotaServer server{options, Instant{}};
  // 10 s × 0.8 / 1.2, less two readings of a clock in whole nanoseconds.
  EXPECT_EQ(server.step(Instant{}, request(1, 1))->length, Duration{6'666'666'664});
}

TEST(QuotaServer, RenewsButLendsNothingNewWhileItLearns) {
  QuotaServer server{second_server(), Instant{}};
  QuotaRequest report = request(1, 100'000);
  report.holds = 30'000;
  // Sent before the client had heard of this server: perhaps the lease has been lent anew since.
  report.epoch = 1;
  EXPECT_EQ(server.step(at(seconds{1}), report)->lease, 0U);
  report.epoch = 2;
  EXPECT_EQ(server.step(at(seconds{2}), report)->quota, 30'000U);
  EXPECT_TRUE(server.is_learning(at(seconds{10} - Duration{1})));
  QuotaRequest later = request(1, 100'000);
  later.epoch = 2;
  EXPECT_EQ(server.step(at(seconds{10}), later)->quota, 100'000U);
}

TEST(QuotaServer, StopsForGoodWhenItHearsOfASuccessor) {
  QuotaServer server{first_server(), Instant{}};
  QuotaRequest report = request(1, 100'000);
  report.epoch = 2;
  EXPECT_FALSE(server.step(Instant{}, report));
  EXPECT_TRUE(server.is_deposed());
  EXPECT_FALSE(server.step(Instant{}, request(2, 100'000)));
}

TEST(QuotaServer, LendsARestartedClientWhatItHeldBefore) {
  QuotaServer server{first_server(), Instant{}};
  (void)server.step(Instant{}, request(1, 100'000));
  QuotaRequest restarted = request(1, 40'000);
  restarted.incarnation = 2;
  EXPECT_EQ(server.step(Instant{}, restarted)->quota, 40'000U);
  EXPECT_EQ(server.lent(Instant{}), 40'000U);
  EXPECT_FALSE(server.step(Instant{}, request(1, 100'000)));
}

TEST(QuotaServer, KeepsTheSafeCapacityOfClientsThatItHasNotMet) {
  QuotaServerOptions options = first_server();
  options.safe_capacity = 1'000;
  options.clients_max = 10;
  QuotaServer server{options, Instant{}};
  EXPECT_EQ(server.step(Instant{}, request(1, 200'000))->quota, 90'000U);
  // What is wanted counts what the client has anyway.
  EXPECT_EQ(server.step(at(seconds{10}), request(2, 5'000))->quota, 4'000U);
}

TEST(QuotaServer, TakesNoMoreClientsThanItHasSafeCapacityFor) {
  QuotaServerOptions options = first_server();
  options.clients_max = 1;
  QuotaServer server{options, Instant{}};
  EXPECT_TRUE(server.step(Instant{}, request(1, 1)));
  EXPECT_FALSE(server.step(Instant{}, request(2, 1)));
  EXPECT_TRUE(server.step(at(seconds{10}), request(2, 1)));
}

TEST(QuotaServer, LendsBeyondALoweredCapacityNothingNew) {
  QuotaServer server{first_server(), Instant{}};
  (void)server.step(Instant{}, request(1, 60'000));
  (void)server.step(at(seconds{5}), request(2, 40'000));
  server.set_capacity(50'000);
  EXPECT_EQ(server.lent(at(seconds{5})), 100'000U);
  EXPECT_EQ(server.step(at(seconds{9}), request(2, 40'000))->quota, 0U);
  // The first client's lease has run out, the second's has not.
  EXPECT_EQ(server.step(at(seconds{10}), request(1, 60'000))->quota, 10'000U);
  EXPECT_EQ(server.lent(at(seconds{10})), 50'000U);
}

TEST(QuotaServer, RefusesAConfigurationThatCannotKeepItsPromise) {
  QuotaServerOptions too_much_safe = first_server();
  too_much_safe.safe_capacity = 1'000;
  EXPECT_THROW((QuotaServer{too_much_safe, Instant{}}), ProgrammingError);
  QuotaServerOptions too_slow = first_server();
  too_slow.refresh_interval = too_slow.lease_length;
  EXPECT_THROW((QuotaServer{too_slow, Instant{}}), ProgrammingError);
}

}  // namespace
}  // namespace windtunnel::limit
