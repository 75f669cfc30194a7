#include "models/proxy/adaptive_limits.hpp"

#include <array>
#include <optional>

#include <gtest/gtest.h>

#include "models/proxy/attempt_admission.hpp"
#include "runtime/random.hpp"

namespace windtunnel::proxy {
namespace {

constexpr std::array kKinds{AdaptiveKind::gradient2, AdaptiveKind::vegas, AdaptiveKind::aimd,
                            AdaptiveKind::envoy_gradient};

TEST(AdaptiveLimits, AreTheProductsOwnWhereNothingIsSet) {
  EXPECT_EQ(limits_of({.kind = AdaptiveKind::gradient2}), (AdaptiveLimits{20, 20, 200}));
  EXPECT_EQ(limits_of({.kind = AdaptiveKind::vegas}), (AdaptiveLimits{1, 20, 1000}));
  EXPECT_EQ(limits_of({.kind = AdaptiveKind::envoy_gradient}), (AdaptiveLimits{3, 3, 1000}));
  EXPECT_EQ(limits_of({.kind = AdaptiveKind::aimd}).initial, 10U);
}

TEST(AdaptiveLimits, RiseToWhatIsSetBelowThem) {
  EXPECT_EQ(limits_of({.minimum = 30}), (AdaptiveLimits{30, 30, 200}));
  EXPECT_EQ(limits_of({.minimum = 300}), (AdaptiveLimits{300, 300, 300}));
  EXPECT_EQ(limits_of({.kind = AdaptiveKind::vegas, .initial = 2000}),
            (AdaptiveLimits{1, 2000, 2000}));
}

TEST(AdaptiveLimits, DoNotAscendToAMaximumBelowTheProductsMinimum) {
  EXPECT_FALSE(limits_of({.kind = AdaptiveKind::gradient2, .maximum = 10}).ascend());
  EXPECT_FALSE(limits_of({.kind = AdaptiveKind::vegas, .maximum = 3}).ascend());
  EXPECT_FALSE(limits_of({.kind = AdaptiveKind::envoy_gradient, .maximum = 1}).ascend());
}

std::optional<std::uint32_t> any_limit(RandomStream& random) {
  return random.below(2) == 0 ? std::nullopt
                              : std::optional{static_cast<std::uint32_t>(random.below(40))};
}

// A limit that its settings do not bear ends the run of everybody.
TEST(AdaptiveLimits, MakeALimitWhereverTheyAscend) {
  RandomStream random{1, "limits"};
  int made = 0;
  for (int i = 0; i < 20'000; ++i) {
    const AdaptiveConcurrencySettings settings{.kind = kKinds[random.below(kKinds.size())],
                                               .initial = any_limit(random),
                                               .minimum = any_limit(random),
                                               .maximum = any_limit(random)};
    if (!limits_of(settings).ascend()) {
      continue;
    }
    AttemptAdmission admission{RandomStream{1, "admission"}};
    admission.apply(Instant{}, settings, {});
    EXPECT_GE(admission.limit(Instant{}).value_or(0), 1U) << i;
    EXPECT_LE(admission.limit(Instant{}).value_or(0), limits_of(settings).maximum) << i;
    ++made;
  }
  EXPECT_GT(made, 5000);
}

}  // namespace
}  // namespace windtunnel::proxy
