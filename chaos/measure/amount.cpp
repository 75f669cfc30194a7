#include "chaos/measure/amount.hpp"

#include <cmath>

#include <fmt/format.h>

namespace windtunnel::chaos {

namespace {

constexpr int short_digits = 4;
constexpr int exact_digits = 17;

constexpr double power_of_ten(int exponent) {
  double power = 1;
  for (int i = 0; i < exponent; ++i) {
    power *= 10;
  }
  return power;
}

/// `%g` without its exponent form: whole numbers once the digits before the point exceed the
/// precision.
std::string digits_text(double number, int digits) {
  if (std::abs(number) >= power_of_ten(digits)) {
    return fmt::format("{:.0f}", number);
  }
  if (digits == exact_digits) {
    return fmt::format("{}", number);
  }
  return fmt::format("{:.{}g}", number, digits);
}

std::string seconds_text(double seconds, int digits) {
  const double size = std::abs(seconds);
  if (size >= 1 || size == 0) {
    return digits_text(seconds, digits) + " s";
  }
  if (size >= 1e-3) {
    return digits_text(seconds * 1e3, digits) + " ms";
  }
  if (size >= 1e-6) {
    return digits_text(seconds * 1e6, digits) + " µs";
  }
  return digits_text(seconds * 1e9, digits) + " ns";
}

std::string share_text(double share, int digits) {
  std::string text = digits_text(share * 100, digits);
  while (share < 1 && text == "100" && digits < exact_digits) {
    ++digits;
    text = digits_text(share * 100, digits);
  }
  return text + " %";
}

/// Nine decimals at most, so that the text is the integer count of nanoseconds and nothing is
/// rounded.
std::string exact_seconds_text(Duration duration) {
  std::string text = fmt::format("{:.9f}", seconds_of(duration));
  while (text.back() == '0') {
    text.pop_back();
  }
  if (text.back() == '.') {
    text.pop_back();
  }
  return text + " s";
}

std::string count_text(double number) {
  return number == std::floor(number) ? fmt::format("{:.0f}", number)
                                      : digits_text(number, short_digits);
}

}  // namespace

double seconds_of(Duration duration) {
  return static_cast<double>(duration.count()) / 1e9;
}

double number_of(const Amount& amount) {
  struct Visitor {
    double operator()(Duration duration) const { return seconds_of(duration); }
    double operator()(Count count) const { return static_cast<double>(count); }
    double operator()(Ratio ratio) const { return ratio.value; }
  };
  return std::visit(Visitor{}, amount);
}

std::string amount_text(const Amount& amount) {
  return number_text(number_of(amount), unit_of(amount));
}

std::string amount_text(Duration duration) {
  return seconds_text(seconds_of(duration), short_digits);
}

std::string exact_text(const Amount& amount) {
  struct Visitor {
    std::string operator()(Duration duration) const { return exact_seconds_text(duration); }
    std::string operator()(Count count) const { return fmt::format("{}", count); }
    std::string operator()(Ratio ratio) const { return share_text(ratio.value, exact_digits); }
  };
  return std::visit(Visitor{}, amount);
}

std::string number_text(double number, Unit unit) {
  if (std::isinf(number)) {
    return number > 0 ? "∞" : "-∞";
  }
  switch (unit) {
    case Unit::duration:
      return seconds_text(number, short_digits);
    case Unit::count:
      return count_text(number);
    case Unit::ratio:
      return share_text(number, short_digits);
  }
  return {};
}

}  // namespace windtunnel::chaos
