// A measured or demanded amount with its unit: a time span, a count or a ratio. The absence of an
// amount (censored, no evidence) is MeasureValue's business.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <variant>

#include "runtime/instant.hpp"

namespace windtunnel::chaos {

/// A share, 1 being the whole. Built from two integers wherever it is compared: the quotient is
/// correctly rounded, so 999 of 1000 and 999'000'000 of 1'000'000'000 are the same value, and
/// comparing is exact for wholes up to a million.
struct Ratio {
  double value = 0;

  [[nodiscard]] static constexpr Ratio of(std::uint64_t part, std::uint64_t whole) {
    return Ratio{static_cast<double>(part) / static_cast<double>(whole)};
  }

  friend constexpr auto operator<=>(const Ratio&, const Ratio&) = default;
};

using Count = std::uint64_t;

/// Two amounts are comparable only where they hold the same alternative.
using Amount = std::variant<Duration, Count, Ratio>;

/// The alternatives of Amount, in its order.
enum class Unit : std::uint8_t { duration, count, ratio };

[[nodiscard]] constexpr Unit unit_of(const Amount& amount) {
  return static_cast<Unit>(amount.index());
}

/// Seconds, the nearest double.
[[nodiscard]] double seconds_of(Duration duration);

/// The amount as a plain number: seconds, a count, or a share of one.
[[nodiscard]] double number_of(const Amount& amount);

/// For people, four significant digits: "1.234 s", "12.5 ms", "99.95 %", "42". Counts are exact,
/// and what is less than the whole is never rounded to "100 %".
[[nodiscard]] std::string amount_text(const Amount& amount);
[[nodiscard]] std::string amount_text(Duration duration);

/// The same with every digit, where the short form would hide why a bound was missed.
[[nodiscard]] std::string exact_text(const Amount& amount);

/// The short text of a plain number in the given unit; infinity prints as "∞".
[[nodiscard]] std::string number_text(double number, Unit unit);

}  // namespace windtunnel::chaos
