#include "models/proxy/policy_documents.hpp"

#include <gtest/gtest.h>

#include "models/proxy/policy_additions.hpp"
#include "runtime/codec.hpp"
#include "runtime/random.hpp"

namespace windtunnel::proxy {
namespace {

RoutePolicy full_policy() {
  RoutePolicy policy;
  policy.caller = "shop";
  policy.callee = "payment";
  policy.retry = RetrySettings{};
  policy.breaker = BreakerSettings{};
  policy.outlier = OutlierSettings{};
  policy.rate_limit = RateLimitSettings{100, std::chrono::seconds{1}, 5};
  policy.concurrency = 7;
  return policy;
}

/// With every component that full_policy() has not, but for those that exclude each other.
RoutePolicy hedged_policy() {
  RoutePolicy policy = full_policy();
  policy.retry.reset();
  policy.hedge = HedgeSettings{.after = std::chrono::milliseconds{40}};
  policy.adaptive_concurrency =
      AdaptiveConcurrencySettings{.kind = AdaptiveKind::vegas, .maximum = 70};
  policy.throttle = ThrottleSettings{.k = 1.5};
  policy.health_check = HealthCheckSettings{.unhealthy = 9};
  policy.quota = QuotaSettings{3000, std::chrono::seconds{1}};
  policy.locality = LocalitySettings{.kind = LocalityKind::weighted,
                                     .overprovisioning_percent = 200,
                                     .weights = {{"a", 3}, {"b", 1}}};
  policy.retry_quota = RetryQuotaSettings{.kind = RetryQuotaKind::sre};
  policy.breaker->counts = BreakerCounts{.consecutive_errors = 4};
  policy.concurrency.reset();
  policy.bulkhead = BulkheadSettings{.concurrency = 3};
  policy.admission = RouteAdmissionSettings{.others = 2};
  policy.hierarchical_limit = HierarchicalLimitSettings{
      {{.by = LimitBy::key, .events = 5, .per = std::chrono::seconds{1}, .buckets = 9}}};
  policy.subsets = SubsetSettings{.selectors = {{{"stage", "v"}, SubsetOtherwise::any}},
                                  .match = {{"stage", "prod"}, {"v", "1"}}};
  policy.rate_limit->form = {.kind = RateLimitKind::pacing,
                             .max_wait = std::chrono::milliseconds{9}};
  return policy;
}

config::Document document_of(const RoutePolicy& policy) {
  return {document_name_of(policy), document_content_of(policy), 1};
}

TEST(PolicyDocuments, CarryAPolicyWhole) {
  std::string why_not;
  EXPECT_EQ(policy_of(document_of(full_policy()), why_not), full_policy());
  EXPECT_EQ(document_name_of(full_policy()), "routes/shop/payment");
  const Documents documents{{"routes/shop/payment", document_of(full_policy())}};
  EXPECT_EQ(policy_in(documents, "shop", "payment"), full_policy());
  EXPECT_EQ(policy_in(documents, "*", "payment"), std::nullopt);
}

TEST(PolicyDocuments, RefuseAnUpdateForOneFlawAnywhereAmongItsRoutes) {
  RoutePolicy flawed = full_policy();
  flawed.callee = "stock";
  flawed.timeout = {};
  config::Update update{1, 2, {document_of(full_policy())}, {"routes/shop/till"}};
  EXPECT_EQ(flaw_of(update), std::nullopt);
  update.written.push_back({"limits/global", SharedBytes{"whatever"}, 2});
  EXPECT_EQ(flaw_of(update), std::nullopt);
  update.written.push_back(document_of(flawed));
  EXPECT_EQ(flaw_of(update),
            "routes/shop/stock: a timeout must be positive and within the deadline");
}

TEST(PolicyDocuments, RefuseAPolicyUnderTheNameOfAnotherRoute) {
  config::Document document = document_of(full_policy());
  document.name = "routes/shop/stock";
  std::string why_not;
  EXPECT_EQ(policy_of(document, why_not), std::nullopt);
  EXPECT_EQ(why_not, "routes/shop/stock: its content is the policy of another route");
}

TEST(PolicyDocuments, CarryComponentsThatTakeThePlaceOfOthers) {
  std::string why_not;
  EXPECT_EQ(policy_of(document_of(hedged_policy()), why_not), hedged_policy()) << why_not;
}

// Those that came later come alone, too, and are refused where they say nothing.
TEST(PolicyDocuments, CarryLaterAdditionsWithoutEarlierOnes) {
  std::string why_not;
  RoutePolicy later = full_policy();
  later.hierarchical_limit = hedged_policy().hierarchical_limit;
  EXPECT_EQ(policy_of(document_of(later), why_not), later) << why_not;
  RoutePolicy earlier = full_policy();
  earlier.admission.emplace();
  const std::string nothing = encoded(LaterPolicyAdditions{});
  const SharedBytes bytes{encoded_with_additions(earlier) + nothing};
  EXPECT_FALSE(policy_of({document_name_of(earlier), bytes, 1}, why_not));
}

// What was written before there were additions is read as it was, and written again byte for byte.
TEST(PolicyDocuments, HoldNoByteMoreWhereNothingIsAdded) {
  EXPECT_EQ(document_content_of(full_policy()).view(), encoded(full_policy()));
  RoutePolicy added = full_policy();
  added.rate_limit->form.kind = RateLimitKind::gcra;
  EXPECT_EQ(encoded(added), encoded(full_policy()));
  EXPECT_NE(document_content_of(added).view(), encoded(full_policy()));
}

TEST(PolicyDocuments, RefuseAdditionsThatSayNothing) {
  const auto refuses = [](const RoutePolicy& policy, const PolicyAdditions& additions) {
    std::string why_not;
    const SharedBytes bytes{encoded(policy) + encoded(additions)};
    return !policy_of({document_name_of(policy), bytes, 1}, why_not).has_value();
  };
  PolicyAdditions additions;
  EXPECT_TRUE(refuses(full_policy(), additions));
  additions.rate_limit_form = RateLimitForm{};
  EXPECT_TRUE(refuses(full_policy(), additions));
  additions.rate_limit_form->kind = RateLimitKind::gcra;
  EXPECT_FALSE(refuses(full_policy(), additions));
  RoutePolicy unlimited = full_policy();
  unlimited.rate_limit.reset();
  EXPECT_TRUE(refuses(unlimited, additions));
}

TEST(PolicyDocuments, RefuseAPolicyThatNoRouteCanBeMadeOf) {
  const auto refusal_of = [](auto spoil) {
    RoutePolicy policy = full_policy();
    spoil(policy);
    std::string why_not;
    EXPECT_FALSE(policy_of(document_of(policy), why_not));
    return why_not;
  };
  EXPECT_EQ(refusal_of([](RoutePolicy& p) { p.timeout = {}; }),
            "routes/shop/payment: a timeout must be positive and within the deadline");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) { p.retry->attempts = 0; }),
            "routes/shop/payment: a retry needs an attempt and an ascending backoff");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) { p.breaker->half_open = 0; }),
            "routes/shop/payment: a breaker needs a window, an open interval and trial calls");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) { p.outlier->interval = {}; }),
            "routes/shop/payment: outlier detection needs an interval and an ejection time");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) { p.rate_limit->events = 0; }),
            "routes/shop/payment: a rate limit needs a rate and a burst");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) {
              p.rate_limit->form = {.kind = RateLimitKind::pacing, .max_wait = Duration{-1}};
            }),
            "routes/shop/payment: a wait for a turn is not negative");
  EXPECT_EQ(
      refusal_of([](RoutePolicy& p) {
        p.rate_limit->form = {.kind = RateLimitKind::warm_up, .cold_factor = 1};
      }),
      "routes/shop/payment: a warm-up takes whole seconds, and begins at a half of the rate or "
      "less");
  EXPECT_EQ(
      refusal_of([](RoutePolicy& p) { p.bulkhead = BulkheadSettings{.concurrency = 1}; }),
      "routes/shop/payment: requests under way are limited by a bulkhead or refused, not both");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) {
              p.concurrency.reset();
              p.bulkhead.emplace();
            }),
            "routes/shop/payment: a bulkhead needs a place, and a wait that is not negative");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) { p.admission.emplace().keep = {}; }),
            "routes/shop/payment: a level that is told is kept for some time");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) { p.admission.emplace().others = 9; }),
            "routes/shop/payment: a request is tried with a few other endpoints at most");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) { p.hedge.emplace(); }),
            "routes/shop/payment: a request is hedged or retried, not both");
  EXPECT_EQ(
      refusal_of([](RoutePolicy& p) { p.throttle.emplace().k = 0; }),
      "routes/shop/payment: a throttle needs a factor from 1 on, a success ratio and a window");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) { p.adaptive_concurrency.emplace().minimum = 0; }),
            "routes/shop/payment: adaptive concurrency needs a window and ascending limits");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) { p.adaptive_concurrency.emplace().maximum = 10; }),
            "routes/shop/payment: adaptive concurrency needs a window and ascending limits");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) { p.health_check.emplace().healthy = 0; }),
            "routes/shop/payment: a health check needs an interval, a timeout and thresholds");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) { p.quota.emplace(); }),
            "routes/shop/payment: a quota needs a rate and a burst");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) {
              p.retry->budget = 1;
              p.retry_quota.emplace();
            }),
            "routes/shop/payment: retries have a budget or a quota, not both");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) { p.locality.emplace().overprovisioning_percent = 99; }),
            "routes/shop/payment: overprovisioning is at least 100 percent");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) {
              p.locality = LocalitySettings{.kind = LocalityKind::weighted};
            }),
            "routes/shop/payment: of weighted zones one has a weight");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) {
              p.locality = LocalitySettings{.weights = {{"a", 1}}};
            }),
            "routes/shop/payment: only weighted zones have weights");
  EXPECT_EQ(
      refusal_of([](RoutePolicy& p) {
        p.locality = LocalitySettings{.kind = LocalityKind::weighted, .weights = {{"a", 1}}};
        p.balance.zone_aware = true;
      }),
      "routes/shop/payment: zones go by their weights or by the proxy's own reckoning, not both");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) { p.breaker->counts.emplace().error_count = 0; }),
            "routes/shop/payment: a breaker opens after an error at least");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) { p.subsets.emplace(); }),
            "routes/shop/payment: subsets are selected by some label");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) {
              p.subsets = SubsetSettings{.selectors = {{{"v", "v"}, {}}}};
            }),
            "routes/shop/payment: a selector names labels, each once");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) {
              p.subsets = SubsetSettings{.selectors = {{{"v", "w"}, {}}, {{"w", "v"}, {}}}};
            }),
            "routes/shop/payment: of two selectors with the same labels one says nothing");
  EXPECT_EQ(
      refusal_of([](RoutePolicy& p) {
        p.subsets = SubsetSettings{.selectors = {{{"v"}, {}}}, .match = {{"w", "1"}, {"v", "1"}}};
      }),
      "routes/shop/payment: labels come by name, each once");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) {
              p.subsets = SubsetSettings{.selectors = {{{"v"}, SubsetOtherwise::default_labels}}};
            }),
            "routes/shop/payment: a default subset has labels");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) {
              p.subsets = SubsetSettings{.selectors = {{{"v"}, {}}}};
              p.balance.subset_size = 2;
            }),
            "routes/shop/payment: a proxy uses subsets by their labels or by their size, not both");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) { p.hierarchical_limit.emplace(); }),
            "routes/shop/payment: a limit in levels has a level");
  EXPECT_EQ(refusal_of([](RoutePolicy& p) {
              const LimitLevel level{.events = 1, .per = std::chrono::seconds{1}};
              p.hierarchical_limit = HierarchicalLimitSettings{{level, level}};
            }),
            "routes/shop/payment: each level divides requests by something else");
}

TEST(PolicyDocuments, RefuseOrReadAnyBytesAndNeverFail) {
  RandomStream random{1, "documents"};
  const std::string sound{document_content_of(hedged_policy()).view()};
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = sound;
    for (std::uint64_t flips = random.below(4); flips > 0; --flips) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    }
    bytes.resize(random.below(bytes.size() + 1));
    std::string why_not;
    const auto policy = policy_of({"routes/shop/payment", SharedBytes{bytes}, 1}, why_not);
    EXPECT_EQ(policy.has_value(), why_not.empty());
  }
}

TEST(PolicyDocuments, NameTheirRoutes) {
  const std::string name = document_name_of("front", "shop");
  const std::optional<RouteName> route = route_name_of(name);
  ASSERT_TRUE(route);
  EXPECT_EQ(route->caller, "front");
  EXPECT_EQ(route->callee, "shop");
  EXPECT_EQ(route_name_of("routes//shop")->caller, "");
  EXPECT_FALSE(route_name_of("splits/shop"));
  EXPECT_FALSE(route_name_of("routes/shop"));
}

}  // namespace
}  // namespace windtunnel::proxy
