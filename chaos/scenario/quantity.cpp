#include "chaos/scenario/quantity.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "chaos/scenario/nearest_name.hpp"
#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::uint64_t kThousand = 1'000;
constexpr std::uint64_t kMillion = 1'000'000;
constexpr std::uint64_t kBillion = 1'000'000'000;
constexpr std::size_t kFractionDigitsMax = 18;

struct NamedUnit {
  std::string_view name;
  std::uint64_t factor;  ///< How many of the smallest unit.
};

/// One dimension: its units from small to large, and how to speak of it.
struct Dimension {
  std::string_view what;      ///< As in "expected a duration such as ...".
  std::string_view smallest;  ///< What one of the smallest unit is called.
  std::span<const NamedUnit> units;
};

constexpr std::array kDurationUnits{
    NamedUnit{"ns", 1},       NamedUnit{"us", kThousand},    NamedUnit{"ms", kMillion},
    NamedUnit{"s", kBillion}, NamedUnit{"m", 60 * kBillion}, NamedUnit{"h", 3600 * kBillion}};
constexpr std::array kShareUnits{NamedUnit{"%", kBillion / 100}};
constexpr std::array kBandwidthUnits{NamedUnit{"bps", 1}, NamedUnit{"kbps", kThousand},
                                     NamedUnit{"Mbps", kMillion}, NamedUnit{"Gbps", kBillion},
                                     NamedUnit{"Tbps", kThousand* kBillion}};
constexpr std::array kByteUnits{NamedUnit{"B", 1},           NamedUnit{"kB", kThousand},
                                NamedUnit{"KiB", 1U << 10U}, NamedUnit{"MB", kMillion},
                                NamedUnit{"MiB", 1U << 20U}, NamedUnit{"GB", kBillion},
                                NamedUnit{"GiB", 1U << 30U}};
constexpr std::array kDriftUnits{NamedUnit{"ppb", 1}, NamedUnit{"ppm", kThousand}};

constexpr Dimension kDuration{"a duration such as \"90ms\"", "a nanosecond", kDurationUnits};
constexpr Dimension kShare{"a share such as \"25%\"", "a billionth", kShareUnits};
constexpr Dimension kBandwidth{"a bandwidth such as \"100Mbps\"", "a bit per second",
                               kBandwidthUnits};
constexpr Dimension kBytes{"a size such as \"64KiB\"", "a byte", kByteUnits};
constexpr Dimension kDrift{"a clock drift such as \"50ppm\"", "a part per billion", kDriftUnits};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t count_digits(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) -
                                  text.begin());
}

/// The parts of "-12.5ms".
struct Decimal {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  std::string_view unit;
  std::string_view number;
};

/// Absent where the text does not begin with a plain decimal number.
std::optional<Decimal> split_decimal(std::string_view text) {
  Decimal parts;
  std::string_view rest = text;
  parts.negative = rest.starts_with('-');
  rest.remove_prefix(parts.negative ? 1 : 0);
  parts.whole = rest.substr(0, count_digits(rest));
  rest.remove_prefix(parts.whole.size());
  if (rest.starts_with('.')) {
    parts.fraction = rest.substr(1, count_digits(rest.substr(1)));
    rest.remove_prefix(1 + parts.fraction.size());
    if (parts.fraction.empty()) {
      return std::nullopt;
    }
  }
  if (parts.whole.empty()) {
    return std::nullopt;
  }
  parts.unit = rest;
  parts.number = text.substr(0, text.size() - rest.size());
  return parts;
}

std::optional<std::uint64_t> to_number(std::string_view digits) {
  std::uint64_t number = 0;
  for (const char c : digits) {
    if (__builtin_mul_overflow(number, std::uint64_t{10}, &number) ||
        __builtin_add_overflow(number, static_cast<std::uint64_t>(c - '0'), &number)) {
      return std::nullopt;
    }
  }
  return number;
}

std::string_view without_trailing_zeros(std::string_view digits) {
  const std::size_t last = digits.find_last_not_of('0');
  return last == std::string_view::npos ? std::string_view{} : digits.substr(0, last + 1);
}

/// fraction × factor where that is whole. `fraction` are the digits behind the point.
std::optional<std::uint64_t> scale_fraction(std::string_view fraction, std::uint64_t factor) {
  const std::string_view digits = without_trailing_zeros(fraction);
  if (digits.size() > kFractionDigitsMax) {
    return std::nullopt;
  }
  std::uint64_t denominator = 1;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    denominator *= 10;
  }
  const std::uint64_t common = std::gcd(denominator, factor);
  const std::uint64_t numerator = *to_number(digits);
  if (numerator % (denominator / common) != 0) {
    return std::nullopt;
  }
  return numerator / (denominator / common) * (factor / common);
}

std::string unit_list(const Dimension& dimension) {
  std::string list;
  for (const NamedUnit& unit : dimension.units) {
    list += (list.empty() ? "" : ", ") + std::string{unit.name};
  }
  return list;
}

std::string nearest_unit(std::string_view wanted, const Dimension& dimension) {
  std::vector<std::string_view> names;
  for (const NamedUnit& unit : dimension.units) {
    names.push_back(unit.name);
  }
  return nearest_name(wanted, names);
}

Complaint unit_complaint(const Decimal& parts, const Dimension& dimension) {
  const std::string units = unit_list(dimension);
  if (parts.unit.empty()) {
    return {fmt::format("{}: the unit is missing (one of {})", dimension.what, units), {}};
  }
  const std::size_t first = parts.unit.find_first_not_of(' ');
  const std::string_view unit = first == std::string_view::npos ? "" : parts.unit.substr(first);
  const std::string near = nearest_unit(unit, dimension);
  return {fmt::format("{}, in one of {}", dimension.what, units),
          near.empty() ? "" : std::string{parts.number} + near};
}

/// The count of smallest units in `text`, of either sign.
Parsed<std::int64_t> parse_count(std::string_view text, const Dimension& dimension) {
  const std::optional<Decimal> parts = split_decimal(text);
  if (!parts) {
    return Complaint{std::string{dimension.what}, {}};
  }
  const auto unit = std::find_if(dimension.units.begin(), dimension.units.end(),
                                 [&](const NamedUnit& u) { return u.name == parts->unit; });
  if (unit == dimension.units.end()) {
    return unit_complaint(*parts, dimension);
  }
  const std::optional<std::uint64_t> fraction = scale_fraction(parts->fraction, unit->factor);
  if (!fraction) {
    return Complaint{fmt::format("{}, no finer than {}", dimension.what, dimension.smallest), {}};
  }
  std::uint64_t count = 0;
  const std::optional<std::uint64_t> whole = to_number(parts->whole);
  if (!whole || __builtin_mul_overflow(*whole, unit->factor, &count) ||
      __builtin_add_overflow(count, *fraction, &count) ||
      count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return Complaint{fmt::format("{}, below 2^63 times {}", dimension.what, dimension.smallest),
                     {}};
  }
  const auto signed_count = static_cast<std::int64_t>(count);
  return parts->negative ? -signed_count : signed_count;
}

template <typename T, typename Make>
Parsed<T> parse_as(std::string_view text, const Dimension& dimension, const Make& make) {
  Parsed<std::int64_t> count = parse_count(text, dimension);
  if (Complaint* complaint = std::get_if<Complaint>(&count)) {
    return std::move(*complaint);
  }
  return make(std::get<std::int64_t>(count));
}

template <typename T, typename Make>
Parsed<T> parse_unsigned_as(std::string_view text, const Dimension& dimension, const Make& make) {
  if (text.starts_with('-')) {
    return Complaint{std::string{dimension.what} + ", not negative", {}};
  }
  return parse_as<T>(text, dimension,
                     [&](std::int64_t n) { return make(static_cast<std::uint64_t>(n)); });
}

/// `count` in `unit`, with as many decimals as it takes. Precondition: the factor is a power of
/// ten.
std::string decimal_text(std::uint64_t count, const NamedUnit& unit) {
  std::string text = std::to_string(count / unit.factor);
  if (const std::uint64_t rest = count % unit.factor; rest != 0) {
    const std::string padded = std::to_string(unit.factor + rest).substr(1);
    text += '.' + std::string{without_trailing_zeros(padded)};
  }
  return text.append(unit.name);
}

/// In the largest unit that leaves at least 1 before the point; zero in that of index `zero_unit`.
std::string signed_text(std::int64_t count, std::span<const NamedUnit> units,
                        std::size_t zero_unit) {
  const auto magnitude =
      count < 0 ? ~static_cast<std::uint64_t>(count) + 1 : static_cast<std::uint64_t>(count);
  std::size_t chosen = magnitude == 0 ? zero_unit : 0;
  for (std::size_t i = 0; i < units.size(); ++i) {
    chosen = magnitude != 0 && units[i].factor <= magnitude ? i : chosen;
  }
  return (count < 0 ? "-" : "") + decimal_text(magnitude, units[chosen]);
}

}  // namespace

Parsed<Duration> parse_duration(std::string_view text) {
  return parse_as<Duration>(text, kDuration, [](std::int64_t n) { return Duration{n}; });
}

Parsed<Share> parse_share(std::string_view text) {
  return parse_as<Share>(text, kShare, [](std::int64_t n) { return Share{n}; });
}

Parsed<Bandwidth> parse_bandwidth(std::string_view text) {
  return parse_unsigned_as<Bandwidth>(text, kBandwidth,
                                      [](std::uint64_t n) { return Bandwidth{n}; });
}

Parsed<ByteCount> parse_byte_count(std::string_view text) {
  return parse_unsigned_as<ByteCount>(text, kBytes, [](std::uint64_t n) { return ByteCount{n}; });
}

Parsed<Drift> parse_drift(std::string_view text) {
  return parse_as<Drift>(text, kDrift, [](std::int64_t n) { return Drift{n}; });
}

Parsed<Rate> parse_rate(std::string_view text) {
  static constexpr std::string_view kExpected = "a rate such as \"200/s\"";
  const std::string_view digits = text.substr(0, count_digits(text));
  const std::string_view unit = text.substr(digits.size());
  const std::optional<std::uint64_t> events = to_number(digits);
  if (!digits.empty() && unit.empty()) {
    return Complaint{fmt::format("{}: the unit is missing (one of /s, /m, /h)", kExpected), {}};
  }
  const bool known = unit == "/s" || unit == "/m" || unit == "/h";
  if (digits.empty() || !events || !known) {
    return Complaint{fmt::format("{}: a whole number per s, m or h", kExpected), {}};
  }
  return Rate{*events, Duration{unit == "/s"   ? std::chrono::seconds{1}
                                : unit == "/m" ? std::chrono::seconds{60}
                                               : std::chrono::seconds{3600}}};
}

std::string quantity_text(Duration value) {
  // Up to seconds only: the larger units are not powers of ten.
  return signed_text(value.count(), std::span{kDurationUnits}.first(4), 3);
}

std::string quantity_text(Share value) {
  return signed_text(value.billionths, kShareUnits, 0);
}

std::string quantity_text(Rate value) {
  const std::string_view unit = value.per == std::chrono::seconds{1}    ? "/s"
                                : value.per == std::chrono::seconds{60} ? "/m"
                                                                        : "/h";
  return std::to_string(value.events).append(unit);
}

std::string quantity_text(Bandwidth value) {
  return signed_text(static_cast<std::int64_t>(value.bits_per_second), kBandwidthUnits, 0);
}

std::string quantity_text(ByteCount value) {
  const NamedUnit* chosen = &kByteUnits[0];
  for (const NamedUnit& unit : kByteUnits) {
    chosen = value.bytes >= unit.factor && value.bytes % unit.factor == 0 ? &unit : chosen;
  }
  return std::to_string(value.bytes / chosen->factor).append(chosen->name);
}

std::string quantity_text(Drift value) {
  return signed_text(value.parts_per_billion, kDriftUnits, 1);
}

Probability probability_of(Share share) {
  check(share.billionths >= 0 && share.billionths <= static_cast<std::int64_t>(kBillion),
        "a probability lies between 0 and 100 %");
  const auto parts = static_cast<std::uint64_t>(share.billionths);
  return Probability::of_parts((parts * Probability::kOne + kBillion / 2) / kBillion);
}

Share share_of(Probability probability) {
  const std::uint64_t scaled = probability.parts() * kBillion + Probability::kOne / 2;
  return {static_cast<std::int64_t>(scaled / Probability::kOne)};
}

}  // namespace windtunnel::chaos
