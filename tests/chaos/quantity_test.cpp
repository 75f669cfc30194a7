#include "chaos/scenario/quantity.hpp"

#include <limits>
#include <string>
#include <string_view>
#include <variant>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace windtunnel::chaos {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

template <typename T>
T good(const Parsed<T>& parsed) {
  const Complaint* const complaint = std::get_if<Complaint>(&parsed);
  EXPECT_EQ(complaint, nullptr) << complaint->expected;
  return complaint == nullptr ? std::get<T>(parsed) : T{};
}

template <typename T>
bool is_bad(const Parsed<T>& parsed) {
  return std::holds_alternative<Complaint>(parsed);
}

TEST(Quantity, ReadsDurationsExactly) {
  EXPECT_EQ(good(parse_duration("90ms")), milliseconds{90});
  EXPECT_EQ(good(parse_duration("1.5s")), milliseconds{1500});
  EXPECT_EQ(good(parse_duration("2m")), minutes{2});
  EXPECT_EQ(good(parse_duration("1h")), hours{1});
  EXPECT_EQ(good(parse_duration("250us")), Duration{250'000});
  EXPECT_EQ(good(parse_duration("100ns")), Duration{100});
  EXPECT_EQ(good(parse_duration("0.000000001s")), Duration{1});
  EXPECT_EQ(good(parse_duration("0.1000000000000000000000s")), milliseconds{100});
  EXPECT_EQ(good(parse_duration("-20ms")), milliseconds{-20});
  EXPECT_EQ(good(parse_duration("0.025m")), milliseconds{1500});
}

TEST(Quantity, RefusesWhatIsNoDuration) {
  for (const std::string_view text :
       {"", "ms", "5", "5 ms", "5sec", "1e3ms", "1.ms", ".5s", "+5s", "--5s", "5ms ", "0x5s",
        "1,5s", "0.5ns", "9223372036854775808ns", "99999999999999999999h",
        "1.0000000000000000001s"}) {
    EXPECT_TRUE(is_bad(parse_duration(text))) << text;
  }
}

TEST(Quantity, ReachesTheLargestDuration) {
  EXPECT_EQ(good(parse_duration("9223372036854775807ns")), Duration::max());
}

TEST(Quantity, ReadsTheOtherDimensions) {
  EXPECT_EQ(good(parse_share("99.9%")), Share{999'000'000});
  EXPECT_EQ(good(parse_rate("10/m")), (Rate{10, minutes{1}}));
  EXPECT_EQ(good(parse_bandwidth("1.5Gbps")), Bandwidth{1'500'000'000});
  EXPECT_EQ(good(parse_byte_count("64KiB")), ByteCount{65'536});
  EXPECT_EQ(good(parse_byte_count("1MB")), ByteCount{1'000'000});
  EXPECT_EQ(good(parse_byte_count("0.5KiB")), ByteCount{512});
  EXPECT_EQ(good(parse_drift("-0.5ppm")), Drift{-500});
}

TEST(Quantity, RefusesMixedUpUnits) {
  EXPECT_TRUE(is_bad(parse_share("0.5")));
  EXPECT_TRUE(is_bad(parse_share("50ms")));
  EXPECT_TRUE(is_bad(parse_rate("0.5/s")));
  EXPECT_TRUE(is_bad(parse_rate("200/ms")));
  EXPECT_TRUE(is_bad(parse_rate("99999999999999999999/s")));
  EXPECT_TRUE(is_bad(parse_bandwidth("-1bps")));
  EXPECT_TRUE(is_bad(parse_byte_count("1.5B")));
}

TEST(Quantity, SaysWhenOnlyTheUnitIsMissing) {
  EXPECT_EQ(std::get<Complaint>(parse_duration("90")).expected,
            "a duration such as \"90ms\": the unit is missing (one of ns, us, ms, s, m, h)");
}

TEST(Quantity, CorrectsAUnitThatIsNearlyRight) {
  EXPECT_EQ(std::get<Complaint>(parse_byte_count("64Kib")).nearest, "64KiB");
  EXPECT_EQ(std::get<Complaint>(parse_duration("1.5 ms")).nearest, "1.5ms");
}

TEST(Quantity, PrintsTheShortestText) {
  EXPECT_EQ(quantity_text(Duration{0}), "0s");
  EXPECT_EQ(quantity_text(Duration{1'500'000'000}), "1.5s");
  EXPECT_EQ(quantity_text(Duration{-250'000}), "-250us");
  EXPECT_EQ(quantity_text(hours{1}), "3600s");
  EXPECT_EQ(quantity_text(Share{999'000'000}), "99.9%");
  EXPECT_EQ(quantity_text(ByteCount{65'536}), "64KiB");
  EXPECT_EQ(quantity_text(ByteCount{0}), "0B");
}

TEST(Quantity, ReadsBackEverythingThatItPrints) {
  EXPECT_TRUE(rc::check("durations", [](std::int64_t count) {
    RC_PRE(count != std::numeric_limits<std::int64_t>::min());
    RC_ASSERT(std::get<Duration>(parse_duration(quantity_text(Duration{count}))) ==
              Duration{count});
  }));
  EXPECT_TRUE(rc::check("sizes and bandwidths", [](std::uint64_t count) {
    const std::uint64_t n = count >> 1U;
    RC_ASSERT(std::get<ByteCount>(parse_byte_count(quantity_text(ByteCount{n}))) == ByteCount{n});
    RC_ASSERT(std::get<Bandwidth>(parse_bandwidth(quantity_text(Bandwidth{n}))) == Bandwidth{n});
  }));
  EXPECT_TRUE(rc::check("shares, through the probability they become", [] {
    const Share share{*rc::gen::inRange<std::int64_t>(0, 1'000'000'001)};
    RC_ASSERT(std::get<Share>(parse_share(quantity_text(share))) == share);
    RC_ASSERT(share_of(probability_of(share)) == share);
  }));
}

TEST(Quantity, MakesCertaintyOfTheWhole) {
  EXPECT_EQ(probability_of(Share{1'000'000'000}).parts(), Probability::kOne);
  EXPECT_EQ(probability_of(Share{0}).parts(), 0U);
}

}  // namespace
}  // namespace windtunnel::chaos
