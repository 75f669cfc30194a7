// How each type of value is read from a scenario: one read_value per type, found by Block::optional
// and Block::required. Every number and quantity may also be a range, `{"between": [low, high]}`.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "chaos/measure/amount.hpp"
#include "chaos/scenario/quantity.hpp"
#include "chaos/scenario/scenario_reader.hpp"
#include "chaos/scenario/target.hpp"
#include "runtime/distribution.hpp"
#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::chaos {

/// Both ends included.
template <typename T>
struct Limits {
  T low;
  T high;
};

/// Longer than any run; keeps sums of times far from overflow.
inline constexpr Duration kLongest = std::chrono::hours{1000};
inline constexpr Limits<Duration> kAnyDuration{Duration::zero(), kLongest};
inline constexpr Limits<Duration> kPositive{Duration{1}, kLongest};
inline constexpr Limits<Share> kWholeShare{Share{0}, Share{1'000'000'000}};
inline constexpr Limits<Rate> kPositiveRate{Rate{1}, Rate{1'000'000'000}};
inline constexpr Limits<Rate> kAnyRate{Rate{0}, Rate{1'000'000'000}};
inline constexpr Limits<Share> kPositiveShare{Share{1}, Share{1'000'000'000}};

void read_value(const Node& node, bool& into);
/// Not empty.
void read_value(const Node& node, std::string& into);
void read_value(const Node& node, std::uint32_t& into,
                Limits<std::uint32_t> limits = {0, std::numeric_limits<std::uint32_t>::max()});
void read_value(const Node& node, std::uint64_t& into);
void read_value(const Node& node, double& into, Limits<double> limits);
void read_value(const Node& node, Duration& into, Limits<Duration> limits = kAnyDuration);
void read_value(const Node& node, TrueInstant& into);
void read_value(const Node& node, Share& into, Limits<Share> limits = kWholeShare);
void read_value(const Node& node, Probability& into);
/// Share of two integers, for measures.
void read_value(const Node& node, Ratio& into, Limits<Share> limits = kWholeShare);
void read_value(const Node& node, Rate& into, Limits<Rate> limits = kPositiveRate);
void read_value(const Node& node, Bandwidth& into);
void read_value(const Node& node, ByteCount& into, Limits<ByteCount> limits);
void read_value(const Node& node, Drift& into);
void read_value(const Node& node, DurationDistribution& into);
/// The grammar only; names are checked by whoever knows the hosts.
void read_value(const Node& node, std::optional<Target>& into);

template <typename T, typename... More>
void read_value(const Node& node, std::optional<T>& into, const More&... limits) {
  read_value(node, into.emplace(), limits...);
}

/// One of a few words.
template <typename T>
struct Choice {
  std::string_view word;
  T value;
};

/// The index of the word that the node holds; absent, and a problem, where it holds none of them.
[[nodiscard]] std::optional<std::size_t> read_word(const Node& node,
                                                   std::span<const std::string_view> words);

template <typename T>
void read_value(const Node& node, T& into, std::span<const Choice<T>> choices) {
  std::vector<std::string_view> words;
  for (const Choice<T>& choice : choices) {
    words.push_back(choice.word);
  }
  if (const auto index = read_word(node, words)) {
    into = choices[*index].value;
  }
}

}  // namespace windtunnel::chaos
