// Quantities as a scenario writes them, "90ms", "99.9%", "200/s", "100Mbps", "64KiB", "50ppm", and
// as the program keeps them: whole numbers, never floating point. Text and value convert exactly
// both ways.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::chaos {

/// A share in billionths: "99.9%" is 999'000'000. Above 100 % only where a caller allows it.
struct Share {
  std::int64_t billionths = 0;
  friend constexpr auto operator<=>(Share, Share) = default;
};

/// A whole number of events per s, m or h.
struct Rate {
  std::uint64_t events = 0;
  Duration per = std::chrono::seconds{1};
  friend constexpr bool operator==(Rate, Rate) = default;
};

struct Bandwidth {
  std::uint64_t bits_per_second = 0;
  friend constexpr auto operator<=>(Bandwidth, Bandwidth) = default;
};

struct ByteCount {
  std::uint64_t bytes = 0;
  friend constexpr auto operator<=>(ByteCount, ByteCount) = default;
};

/// How much faster than true time a clock runs: "50ppm" is 50'000 parts per billion.
struct Drift {
  std::int64_t parts_per_billion = 0;
  friend constexpr auto operator<=>(Drift, Drift) = default;
};

/// Why a text is not a quantity.
struct Complaint {
  std::string expected;
  std::string nearest;  ///< A corrected text; empty where there is none.
};

template <typename T>
using Parsed = std::variant<T, Complaint>;

[[nodiscard]] Parsed<Duration> parse_duration(std::string_view text);
[[nodiscard]] Parsed<Share> parse_share(std::string_view text);
[[nodiscard]] Parsed<Rate> parse_rate(std::string_view text);
[[nodiscard]] Parsed<Bandwidth> parse_bandwidth(std::string_view text);
[[nodiscard]] Parsed<ByteCount> parse_byte_count(std::string_view text);
[[nodiscard]] Parsed<Drift> parse_drift(std::string_view text);

/// The exact text, as the parsers above read it back: "1.5s", "250us", "64KiB". No unit above
/// seconds is used.
[[nodiscard]] std::string quantity_text(Duration value);
[[nodiscard]] std::string quantity_text(Share value);
[[nodiscard]] std::string quantity_text(Rate value);
[[nodiscard]] std::string quantity_text(Bandwidth value);
[[nodiscard]] std::string quantity_text(ByteCount value);
[[nodiscard]] std::string quantity_text(Drift value);

/// The nearest probability; converting back gives the same share. Precondition: 0 to 100 %.
[[nodiscard]] Probability probability_of(Share share);
[[nodiscard]] Share share_of(Probability probability);

}  // namespace windtunnel::chaos
