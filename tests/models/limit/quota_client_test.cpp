#include "models/limit/quota_client.hpp"

#include <gtest/gtest.h>

#include "models/limit/quota_server.hpp"
#include "runtime/codec.hpp"
#include "runtime/random.hpp"

namespace windtunnel::limit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Instant at(Duration time) {
  return Instant{time};
}

QuotaResponse response(const QuotaRequest& request, std::uint64_t lease, Quota quota) {
  return {.client = request.client,
          .incarnation = request.incarnation,
          .epoch = 1,
          .lease = lease,
          .quota = quota,
          .length = seconds{10},
          .refresh_after = seconds{3},
          .request_sent_at = request.sent_at};
}

TEST(QuotaClient, FailsClosedOrToItsSafeCapacityWhenTheLeaseEnds) {
  for (const Quota safe : {Quota{0}, Quota{7'000}}) {
    QuotaClient client{{.safe_capacity = safe}, Instant{}};
    EXPECT_EQ(client.quota(Instant{}), safe);
    client.step(at(seconds{2}), response(*client.poll(Instant{}), 1, 50'000));
    EXPECT_EQ(client.quota(at(seconds{2})), safe + 50'000);
    // Counted from the sending of the request, not from the response.
    EXPECT_EQ(client.quota(at(seconds{10} - Duration{1})), safe + 50'000);
    EXPECT_EQ(client.quota(at(seconds{10})), safe);
    EXPECT_EQ(client.admit(at(seconds{11})).admitted, safe > 0);
  }
}

TEST(QuotaClient, AsksAgainUntilItIsAnsweredAndThenRefreshes) {
  QuotaClient client{{}, Instant{}};
  const auto first = client.poll(Instant{});
  ASSERT_TRUE(first);
  EXPECT_FALSE(client.poll(at(seconds{1} - Duration{1})));
  ASSERT_TRUE(client.poll(at(seconds{1})));
  client.step(at(seconds{1}), response(*first, 1, 10));
  EXPECT_EQ(client.next_deadline(), at(seconds{3}));
}

TEST(QuotaClient, IgnoresLeasesOlderThanItsOwn) {
  QuotaClient client{{}, Instant{}};
  const auto request = client.poll(Instant{});
  client.step(Instant{}, response(*request, 2, 10'000));
  client.step(Instant{}, response(*request, 1, 90'000));
  EXPECT_EQ(client.quota(Instant{}), 10'000U);
}

TEST(QuotaClient, IgnoresServersBeforeTheOneItHasHeardOf) {
  QuotaClient client{{}, Instant{}};
  const auto request = client.poll(Instant{});
  QuotaResponse greeting = response(*request, 0, 0);
  greeting.epoch = 2;
  client.step(Instant{}, greeting);
  client.step(Instant{}, response(*request, 9, 90'000));
  EXPECT_EQ(client.quota(Instant{}), 0U);
  // And reports to the new one at once.
  EXPECT_EQ(client.poll(Instant{})->epoch, 2U);
}

TEST(QuotaClient, AdmitsAtMostItsQuotaAndOneBurst) {
  QuotaClient client{{.safe_capacity = 10'000, .burst = milliseconds{500}}, Instant{}};
  RandomStream random{3, "quota client"};
  double allowed = 0;  // By what it was lent when, in requests.
  double admitted = 0;
  Duration now{};
  Quota most = 10'000;
  std::uint64_t lease = 0;
  while (now < seconds{200}) {
    if (const auto request = client.poll(at(now)); request && random.below(4) == 0) {
      client.step(at(now), response(*request, ++lease, random.below(2'000'000)));
      most = std::max(most, client.quota(at(now)));
    }
    admitted += client.admit(at(now)).admitted ? 1 : 0;
    const Duration step = random.uniform(Duration{1}, milliseconds{2});
    // A lease that ends within the step counts up to its end at most.
    allowed +=
        static_cast<double>(client.quota(at(now))) / 1e3 * static_cast<double>(step.count()) * 1e-9;
    now += step;
  }
  EXPECT_LE(admitted, allowed + static_cast<double>(most) / 1e3 * 0.5 + 1);
  EXPECT_GT(admitted, 5'000);
}

TEST(QuotaClient, FallsToItsSafeRateWhenTheLeaseEndsEvenIfNobodyAsks) {
  QuotaClient client{{.safe_capacity = 1'000, .burst = seconds{60}}, Instant{}};
  client.step(Instant{}, response(*client.poll(Instant{}), 1, 99'000));
  // Ten seconds at 100 requests a second fill more than the 60 that its safe rate may hold.
  std::uint32_t admitted = 0;
  while (client.admit(at(seconds{30})).admitted) {
    ++admitted;
  }
  EXPECT_EQ(admitted, 60U);
}

TEST(QuotaClient, GainsNoBurstFromAQuotaThatComesAndGoes) {
  QuotaClient client{{.burst = seconds{1}}, Instant{}};
  Duration now{};
  std::uint32_t admitted = 0;
  for (std::uint64_t lease = 1; lease <= 200; ++lease) {
    now = client.next_deadline().time_since_epoch();
    const auto request = client.poll(at(now));
    ASSERT_TRUE(request);
    QuotaResponse flapping = response(*request, lease, lease % 2 * 100'000);
    flapping.refresh_after = milliseconds{1};
    client.step(at(now), flapping);
    admitted += client.admit(at(now)).admitted ? 1U : 0U;
  }
  // A tenth of a second at 100 requests a second.
  EXPECT_LE(admitted, 10U);
}

TEST(QuotaMessages, SurviveEncodingAndDecoding) {
  const QuotaRequest request{.client = QuotaClientId{3},
                             .incarnation = 4,
                             .epoch = 5,
                             .adopted = 6,
                             .holds = 7,
                             .wants = UINT64_MAX,
                             .weight = 8,
                             .sent_at = at(seconds{9})};
  const auto decoded_request = decoded<QuotaRequest>(encoded(request));
  ASSERT_TRUE(decoded_request);
  EXPECT_EQ(encoded(*decoded_request), encoded(request));
  EXPECT_EQ(decoded_request->wants, request.wants);
  EXPECT_EQ(decoded_request->sent_at, request.sent_at);

  const QuotaResponse answer = response(request, 11, 12);
  const auto decoded_response = decoded<QuotaResponse>(encoded(answer));
  ASSERT_TRUE(decoded_response);
  EXPECT_EQ(encoded(*decoded_response), encoded(answer));
  EXPECT_EQ(decoded_response->length, answer.length);
}

}  // namespace
}  // namespace windtunnel::limit
