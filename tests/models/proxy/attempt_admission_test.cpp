#include "models/proxy/attempt_admission.hpp"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace windtunnel::proxy {
namespace {

using service::CallOutcome;
using namespace std::chrono_literals;

Instant at(Duration since_start) {
  return Instant{since_start};
}

AdaptiveConcurrencySettings aimd(std::uint32_t initial) {
  return {.kind = AdaptiveKind::aimd, .initial = initial};
}

class AttemptAdmissionTest : public ::testing::Test {
 protected:
  /// The tickets of as many attempts as are admitted now.
  std::vector<AdmissionTicket> admit_all() {
    std::vector<AdmissionTicket> tickets;
    for (AdmissionTicket ticket; !admission_.admit(now_, ticket); ticket = {}) {
      tickets.push_back(ticket);
    }
    return tickets;
  }

  AttemptAdmission admission_{RandomStream{1, "admission"}};
  Instant now_ = at(1s);
};

TEST_F(AttemptAdmissionTest, AdmitsEverythingWithoutSettings) {
  for (int i = 0; i < 1000; ++i) {
    AdmissionTicket ticket;
    EXPECT_FALSE(admission_.admit(now_, ticket));
    admission_.settle(now_, ticket, CallOutcome::timed_out);
  }
  EXPECT_FALSE(admission_.limit(now_));
}

TEST_F(AttemptAdmissionTest, AdmitsUpToItsLimitAndAgainWhenOneEnds) {
  admission_.apply(now_, aimd(4), {});
  const auto tickets = admit_all();
  EXPECT_EQ(tickets.size(), 4U);
  AdmissionTicket one_more;
  EXPECT_EQ(admission_.admit(now_, one_more), Refused::adaptive_concurrency);
  admission_.abandon(now_, tickets.front());
  EXPECT_EQ(admit_all().size(), 1U);
}

TEST_F(AttemptAdmissionTest, LowersItsLimitForTimeoutsAndRefusalsOnly) {
  const auto limit_after = [&](CallOutcome outcome) {
    admission_.apply(now_, {}, {});
    admission_.apply(now_, aimd(50), {});
    AdmissionTicket ticket;
    EXPECT_FALSE(admission_.admit(now_, ticket));
    admission_.settle(now_ + 1ms, ticket, outcome);
    return *admission_.limit(now_ + 1ms);
  };
  EXPECT_LT(limit_after(CallOutcome::timed_out), 50U);
  EXPECT_LT(limit_after(CallOutcome::overloaded), 50U);
  EXPECT_EQ(limit_after(CallOutcome::ok), 50U);
  EXPECT_EQ(limit_after(CallOutcome::failed), 50U);
  EXPECT_EQ(limit_after(CallOutcome::unreachable), 50U);
}

TEST_F(AttemptAdmissionTest, KeepsItsLimitOverAChangeOfTheThrottle) {
  admission_.apply(now_, aimd(10), {});
  const auto tickets = admit_all();
  admission_.settle(now_, tickets.front(), CallOutcome::timed_out);
  admission_.apply(now_, aimd(10), ThrottleSettings{});
  EXPECT_EQ(admission_.limit(now_), 9U);
  AdmissionTicket ticket;
  EXPECT_EQ(admission_.admit(now_, ticket), Refused::adaptive_concurrency);
}

TEST_F(AttemptAdmissionTest, LetsNoPermitOfAnOldLimiterSettleANewOne) {
  admission_.apply(now_, aimd(5), {});
  const auto old = admit_all();
  admission_.apply(now_, aimd(3), {});
  const auto fresh = admit_all();
  EXPECT_EQ(fresh.size(), 3U);
  for (const AdmissionTicket& ticket : old) {
    admission_.settle(now_, ticket, CallOutcome::timed_out);
  }
  EXPECT_EQ(admission_.limit(now_), 3U);
  EXPECT_TRUE(admit_all().empty());
}

// The SRE book, chapter 21: where the demand far exceeds what is accepted, K attempts go out for
// each that is accepted.
TEST_F(AttemptAdmissionTest, SendsKAttemptsForEachThatTheServiceAccepts) {
  for (const double k : {1.1, 1.5, 2.0}) {
    admission_.apply(now_, {}, {});
    admission_.apply(now_, {}, ThrottleSettings{.k = k, .window = 10s});
    double sent = 0;
    double accepted = 0;
    int last_millisecond = -1;
    // A service that accepts one attempt in a millisecond, of ten that want to come.
    for (int i = 0; i < 600'000; ++i) {
      now_ += 100us;
      AdmissionTicket ticket;
      if (admission_.admit(now_, ticket)) {
        continue;
      }
      const bool is_accepted = std::exchange(last_millisecond, i / 10) != i / 10;
      const bool counts = i > 200'000;
      sent += counts ? 1 : 0;
      accepted += counts && is_accepted ? 1 : 0;
      admission_.settle(now_, ticket, is_accepted ? CallOutcome::ok : CallOutcome::overloaded);
    }
    EXPECT_NEAR(sent / accepted, k, 0.05 * k);
  }
}

TEST_F(AttemptAdmissionTest, TurnsNothingDownWhileTheServiceAcceptsAll) {
  for (const ThrottleKind kind : {ThrottleKind::sre, ThrottleKind::envoy_admission_control}) {
    admission_.apply(now_, {}, ThrottleSettings{.kind = kind});
    for (int i = 0; i < 5000; ++i) {
      now_ += 1ms;
      AdmissionTicket ticket;
      ASSERT_FALSE(admission_.admit(now_, ticket));
      admission_.settle(now_, ticket, CallOutcome::ok);
    }
  }
}

TEST_F(AttemptAdmissionTest, TurnsMostDownWhileNothingSucceedsAndNoneAfterItRecovers) {
  admission_.apply(now_, {},
                   ThrottleSettings{.kind = ThrottleKind::envoy_admission_control, .window = 10s});
  const auto admitted_of = [&](int count, CallOutcome outcome) {
    int admitted = 0;
    for (int i = 0; i < count; ++i) {
      now_ += 1ms;
      AdmissionTicket ticket;
      if (!admission_.admit(now_, ticket)) {
        ++admitted;
        admission_.settle(now_, ticket, outcome);
      }
    }
    return admitted;
  };
  admitted_of(10'000, CallOutcome::timed_out);
  // Envoy turns 80 % down at most.
  EXPECT_NEAR(admitted_of(10'000, CallOutcome::timed_out), 2000, 150);
  admitted_of(20'000, CallOutcome::ok);
  EXPECT_EQ(admitted_of(1000, CallOutcome::ok), 1000);
}

}  // namespace
}  // namespace windtunnel::proxy
