#include "models/gate/quantity.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace windtunnel::gate {

namespace {

struct UnitScale {
  std::string_view name;
  std::int64_t scale;
};

constexpr std::int64_t kKilo = 1000;
constexpr std::int64_t kKibi = 1024;
/// In thousandths.
constexpr std::array kNumbers{
    UnitScale{"", kKilo},
    UnitScale{"m", 1},
    UnitScale{"k", kKilo* kKilo},
    UnitScale{"M", kKilo* kKilo* kKilo},
    UnitScale{"G", kKilo* kKilo* kKilo* kKilo},
    UnitScale{"T", kKilo* kKilo* kKilo* kKilo* kKilo},
    UnitScale{"Ki", kKilo* kKibi},
    UnitScale{"Mi", kKilo* kKibi* kKibi},
    UnitScale{"Gi", kKilo* kKibi* kKibi* kKibi},
    UnitScale{"Ti", kKilo* kKibi* kKibi* kKibi* kKibi},
};
/// In nanoseconds.
constexpr std::array kTimes{
    UnitScale{"ns", 1},
    UnitScale{"us", kKilo},
    UnitScale{"ms", kKilo* kKilo},
    UnitScale{"s", kKilo* kKilo* kKilo},
    UnitScale{"m", 60 * kKilo* kKilo* kKilo},
    UnitScale{"h", 3600 * kKilo* kKilo* kKilo},
};
/// In ten-millionths of a percent.
constexpr std::array kShares{UnitScale{"%", 10'000'000}};
/// In thousandths an hour.
constexpr std::array kRates{
    UnitScale{"/ms", 3'600'000 * kKilo},
    UnitScale{"/s", 3600 * kKilo},
    UnitScale{"/m", 60 * kKilo},
    UnitScale{"/h", kKilo},
};
constexpr std::array<std::span<const UnitScale>, 4> kKinds{kNumbers, kTimes, kShares, kRates};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// "-1.50" as the integer -150 and how many of its digits stand behind the point.
struct Decimal {
  std::int64_t digits = 0;
  std::int64_t power = 1;  ///< Ten to the number of decimals.
  std::string_view unit;
};

std::optional<Decimal> decimal_of(std::string_view text) {
  Decimal decimal;
  const bool is_negative = text.starts_with('-');
  text.remove_prefix(is_negative ? 1 : 0);
  bool has_point = false;
  std::size_t count = 0;
  while (!text.empty() && (is_digit(text.front()) || (text.front() == '.' && !has_point))) {
    if (text.front() == '.') {
      has_point = true;
    } else {
      const bool overflows =
          __builtin_mul_overflow(decimal.digits, 10, &decimal.digits) ||
          __builtin_add_overflow(decimal.digits, text.front() - '0', &decimal.digits) ||
          (has_point && __builtin_mul_overflow(decimal.power, 10, &decimal.power));
      if (overflows) {
        return std::nullopt;
      }
      ++count;
    }
    text.remove_prefix(1);
  }
  decimal.digits = is_negative ? -decimal.digits : decimal.digits;
  decimal.unit = text;
  return count == 0 ? std::nullopt : std::optional{decimal};
}

/// In the smallest unit of the kind; nothing where it is none of that kind, or no whole number.
std::optional<std::int64_t> value_as(const Decimal& decimal, std::span<const UnitScale> units) {
  const auto unit = std::find_if(units.begin(), units.end(),
                                 [&](const UnitScale& u) { return u.name == decimal.unit; });
  std::int64_t product = 0;
  if (unit == units.end() || __builtin_mul_overflow(decimal.digits, unit->scale, &product) ||
      product % decimal.power != 0) {
    return std::nullopt;
  }
  return product / decimal.power;
}

}  // namespace

std::optional<std::strong_ordering> compare_quantities(std::string_view left,
                                                       std::string_view right) {
  const std::optional<Decimal> one = decimal_of(left);
  const std::optional<Decimal> two = decimal_of(right);
  if (!one || !two) {
    return std::nullopt;
  }
  for (const std::span<const UnitScale> units : kKinds) {
    const std::optional<std::int64_t> a = value_as(*one, units);
    const std::optional<std::int64_t> b = value_as(*two, units);
    if (a && b) {
      return *a <=> *b;
    }
  }
  return std::nullopt;
}

bool is_quantity(std::string_view text) {
  const std::optional<Decimal> decimal = decimal_of(text);
  return decimal && std::any_of(kKinds.begin(), kKinds.end(), [&](const auto& units) {
           return value_as(*decimal, units).has_value();
         });
}

}  // namespace windtunnel::gate
