#include "models/gate/quantity.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::gate {
namespace {

using Order = std::strong_ordering;

TEST(Quantity, ComparesAcrossUnits) {
  const auto order = [](std::string_view a, std::string_view b) {
    return compare_quantities(a, b);
  };
  EXPECT_EQ(order("16Gi", "8Gi"), Order::greater);
  EXPECT_EQ(order("1Gi", "1024Mi"), Order::equal);
  EXPECT_EQ(order("1G", "1Gi"), Order::less);
  EXPECT_EQ(order("0.5", "500m"), Order::equal);
  EXPECT_EQ(order("250ms", "0.25s"), Order::equal);
  EXPECT_EQ(order("5m", "5"), Order::less);        // A thousandth ...
  EXPECT_EQ(order("5m", "299s"), Order::greater);  // ... or a minute.
  EXPECT_EQ(order("3000/s", "180000/m"), Order::equal);
  EXPECT_EQ(order("12.5%", "12.50001%"), Order::less);
  EXPECT_EQ(order("-1", "0"), Order::less);
}

TEST(Quantity, ComparesNothingThatIsNotOfAKind) {
  for (const auto& [a, b] :
       std::vector<std::pair<std::string, std::string>>{{"5s", "3"},
                                                        {"1%", "1"},
                                                        {"big", "8Gi"},
                                                        {"", "1"},
                                                        {"8GB", "1"},
                                                        {"1.2.3", "1"},
                                                        {"99999999999999999999", "1"},
                                                        {"9000Ti", "1"},
                                                        {"0.0001", "1"},
                                                        {"1s", "1/s"}}) {
    EXPECT_FALSE(compare_quantities(a, b)) << a << " with " << b;
  }
}

// The same by another way: as a fraction of integers too large for either to overflow.
TEST(Quantity, AgreesWithFractions) {
  struct Unit {
    const char* name;
    long double scale;
  };
  constexpr Unit kUnits[] = {{"", 1e3L},      {"m", 1.0L},        {"k", 1e6L},          {"M", 1e9L},
                             {"Ki", 1024e3L}, {"Mi", 1048576e3L}, {"Gi", 1073741824e3L}};
  RandomStream random{1, "quantities"};
  int compared = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text[2];
    long double value[2];
    for (int side = 0; side < 2; ++side) {
      const Unit& unit = kUnits[random.below(std::size(kUnits))];
      const auto digits = static_cast<std::int64_t>(random.below(5000));
      const std::uint64_t decimals = random.below(3);
      std::string number = std::to_string(digits);
      long double power = 1;
      if (decimals > 0) {
        number =
            std::string(number.size() > decimals ? 0 : decimals + 1 - number.size(), '0') + number;
        number.insert(number.size() - decimals, ".");
        power = decimals == 1 ? 10.0L : 100.0L;
      }
      text[side] = number + unit.name;
      value[side] = static_cast<long double>(digits) * unit.scale / power;
    }
    if (const auto order = compare_quantities(text[0], text[1])) {
      ++compared;
      EXPECT_EQ(*order == Order::less, value[0] < value[1]) << text[0] << " and " << text[1];
      EXPECT_EQ(*order == Order::equal, value[0] == value[1]) << text[0] << " and " << text[1];
    }
  }
  EXPECT_GT(compared, 10'000);
}

}  // namespace
}  // namespace windtunnel::gate
