#include "models/proxy/route_parts.hpp"

#include <gtest/gtest.h>

namespace windtunnel::proxy {
namespace {

/// Retries that are granted behind so many first attempts at one instant.
int retries_behind(int requests, PartsPerBillion share) {
  const auto budget = retry_budget_of(RetrySettings{.budget = share}, std::nullopt);
  for (int i = 0; i < requests; ++i) {
    budget->attempt_started(Instant{}, retry::AttemptKind::first);
  }
  int granted = 0;
  while (budget->try_withdraw(Instant{}, retry::AttemptOutcome::unavailable)) {
    ++granted;
  }
  return granted;
}

TEST(RouteParts, GrantTheShareOfRetriesThatIsWritten) {
  EXPECT_EQ(retries_behind(1000, 200'000'000), 200);
  EXPECT_EQ(retries_behind(100'000, 125'500'000), 12'550);  // One costs 7.968 requests.
}

TEST(RouteParts, GrantRetriesAlsoBelowAThousandth) {
  EXPECT_EQ(retries_behind(10'000, 500'000), 5);
  EXPECT_EQ(retries_behind(10'000, 0), 0);
}

}  // namespace
}  // namespace windtunnel::proxy
