#include "chaos/scenario/scenario_values.hpp"

#include <cmath>
#include <type_traits>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "chaos/scenario/nearest_name.hpp"
#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

/// How one type of scalar is parsed, shown and mapped to whole numbers for drawing.
template <typename T>
struct Scalar;

/// Scalars that stand in a string, with a unit.
template <typename T, Parsed<T> (*parse_text)(std::string_view)>
struct TextScalar {
  static Parsed<T> parse(const Json& json) {
    // A bare number goes through the same parser, which then says that the unit is missing.
    return parse_text(json.is_string()   ? json.get_ref<const std::string&>()
                      : json.is_number() ? json.dump()
                                         : std::string{});
  }
  static std::string show(T value) { return fmt::format("\"{}\"", quantity_text(value)); }
};

template <>
struct Scalar<Duration> : TextScalar<Duration, parse_duration> {
  static std::uint64_t count(Duration d) { return static_cast<std::uint64_t>(d.count()); }
  static void set_count(Duration& d, std::uint64_t n) {
    d = Duration{static_cast<std::int64_t>(n)};
  }
};

template <>
struct Scalar<Share> : TextScalar<Share, parse_share> {
  static std::uint64_t count(Share s) { return static_cast<std::uint64_t>(s.billionths); }
  static void set_count(Share& s, std::uint64_t n) { s.billionths = static_cast<std::int64_t>(n); }
};

template <>
struct Scalar<Bandwidth> : TextScalar<Bandwidth, parse_bandwidth> {
  static std::uint64_t count(Bandwidth b) { return b.bits_per_second; }
  static void set_count(Bandwidth& b, std::uint64_t n) { b.bits_per_second = n; }
};

template <>
struct Scalar<ByteCount> : TextScalar<ByteCount, parse_byte_count> {
  static std::uint64_t count(ByteCount b) { return b.bytes; }
  static void set_count(ByteCount& b, std::uint64_t n) { b.bytes = n; }
};

template <>
struct Scalar<Drift> : TextScalar<Drift, parse_drift> {
  static std::uint64_t count(Drift d) { return static_cast<std::uint64_t>(d.parts_per_billion); }
  static void set_count(Drift& d, std::uint64_t n) {
    d.parts_per_billion = static_cast<std::int64_t>(n);
  }
};

template <>
struct Scalar<Rate> : TextScalar<Rate, parse_rate> {
  static std::uint64_t count(Rate r) { return r.events; }
  static void set_count(Rate& r, std::uint64_t n) { r.events = n; }
};

template <>
struct Scalar<std::uint64_t> {
  static Parsed<std::uint64_t> parse(const Json& json) {
    return json.is_number_unsigned() ? Parsed<std::uint64_t>{json.get<std::uint64_t>()}
                                     : Complaint{"a whole number", ""};
  }
  static std::string show(std::uint64_t value) { return std::to_string(value); }
  static std::uint64_t count(std::uint64_t n) { return n; }
  static void set_count(std::uint64_t& into, std::uint64_t n) { into = n; }
};

bool at_most(Rate a, Rate b) {
  return a.events <= b.events;
}
template <typename T>
bool at_most(T a, T b) {
  return a <= b;
}

template <typename T>
bool read_one(const Node& node, T& into, const Limits<T>& limits) {
  Parsed<T> parsed = Scalar<T>::parse(node.json());
  if (Complaint* complaint = std::get_if<Complaint>(&parsed)) {
    node.complain(node.found(), complaint->expected, complaint->nearest);
    return false;
  }
  const T value = std::get<T>(parsed);
  const bool enough = at_most(limits.low, value);
  if (!enough || !at_most(value, limits.high)) {
    node.complain(enough ? fmt::format("at most {}", Scalar<T>::show(limits.high))
                         : fmt::format("at least {}", Scalar<T>::show(limits.low)));
    return false;
  }
  into = value;
  return true;
}

bool is_range(const Json& json) {
  return json.is_object() && json.size() == 1 && json.contains("between");
}

std::uint64_t draw_up_to(const Node& node, std::uint64_t most) {
  RandomStream random{node.reading().seed, node.stream()};
  return most == std::numeric_limits<std::uint64_t>::max() ? random.next() : random.below(most + 1);
}

bool same_unit(Rate a, Rate b) {
  return a.per == b.per;
}
template <typename T>
bool same_unit(T, T) {
  return true;
}

template <typename T>
T choose(const Node& node, T low, T high) {
  node.reading().has_ranges = true;
  if (node.reading().choice == RangeChoice::high) {
    return high;
  }
  T chosen = low;
  if (node.reading().choice == RangeChoice::drawn) {
    const std::uint64_t first = Scalar<T>::count(low);
    Scalar<T>::set_count(chosen, first + draw_up_to(node, Scalar<T>::count(high) - first));
  }
  return chosen;
}

/// False where the destination was left alone.
template <typename T>
bool read_scalar(const Node& node, T& into, const Limits<T>& limits) {
  if (!is_range(node.json())) {
    return read_one(node, into, limits);
  }
  const Node ends = node.member("between");
  if (!ends.json().is_array() || ends.json().size() != 2) {
    ends.complain("a lowest and a highest value, [low, high]");
    return false;
  }
  T low{}, high{};
  const bool low_is_good = read_one(ends.element(0), low, limits);
  if (!read_one(ends.element(1), high, limits) || !low_is_good) {
    return false;
  }
  if (!same_unit(low, high) || !at_most(low, high)) {
    ends.complain("the lower value first, both in the same unit");
    return false;
  }
  into = choose(node, low, high);
  return true;
}

constexpr Limits<Duration> kLatencyLimits{Duration::zero(), std::chrono::hours{1}};
constexpr Limits<Duration> kPositiveLatency{Duration{1}, std::chrono::hours{1}};
constexpr std::string_view kPlusMinus = "±";
constexpr std::string_view kLatencyExpected =
    R"(a latency: "1ms", "1ms±0.1ms", {"median": "1ms", "p99": "3ms"}, )"
    R"({"uniform": ["1ms", "3ms"]}, )"
    R"({"exponential": "5ms"} or {"empirical": ["1ms", "2ms"]})";

void read_normal(const Node& node, std::string_view text, DurationDistribution& into) {
  const std::size_t sign = text.find(kPlusMinus);
  const Parsed<Duration> mean = parse_duration(text.substr(0, sign));
  const Parsed<Duration> deviation = parse_duration(text.substr(sign + kPlusMinus.size()));
  const auto is_good = [](const Parsed<Duration>& d) {
    const Duration* value = std::get_if<Duration>(&d);
    return value != nullptr && *value >= kLatencyLimits.low && *value <= kLatencyLimits.high;
  };
  if (!is_good(mean) || !is_good(deviation)) {
    node.complain("mean and standard deviation as in \"1ms±0.1ms\", each at most \"1h\"");
    return;
  }
  into = Normal{std::get<Duration>(mean), std::get<Duration>(deviation)};
}

void read_constant(const Node& node, DurationDistribution& into) {
  Constant constant;
  read_value(node, constant.value, kLatencyLimits);
  into = constant;
}

void read_uniform(const Node& node, DurationDistribution& into) {
  if (!node.json().is_array() || node.json().size() != 2) {
    node.complain("a lowest and a highest value, [low, high]");
    return;
  }
  Uniform uniform;
  read_value(node.element(0), uniform.low, kLatencyLimits);
  read_value(node.element(1), uniform.high, kLatencyLimits);
  if (uniform.high < uniform.low) {
    node.complain("a descending pair", "the lower value first");
    return;
  }
  into = uniform;
}

void read_lognormal(const Block& block, DurationDistribution& into) {
  Lognormal lognormal{Duration{1}, kLatencyLimits.high};
  block.required("median", lognormal.median, kPositiveLatency);
  block.required("p99", lognormal.p99, kPositiveLatency);
  if (lognormal.p99 < lognormal.median) {
    block.node().complain("a p99 below the median", "a p99 of at least the median");
    return;
  }
  into = lognormal;
}

void read_empirical(const Node& node, DurationDistribution& into) {
  Empirical empirical;
  for (const Node& element : node.elements("an array of durations")) {
    read_value(element, empirical.values.emplace_back(), kLatencyLimits);
  }
  if (node.json().is_array() && empirical.values.empty()) {
    node.complain("an empty array", "at least one duration");
    return;
  }
  into = std::move(empirical);
}

/// An object form: exactly one of the distributions, by its key, or a lognormal's two figures.
void read_distribution(const Node& node, DurationDistribution& into) {
  const std::size_t problems_before = node.reading().problems;
  const Block block{node, keys::distribution};
  const std::string key = node.json().size() == 1 ? node.json().items().begin().key() : "";
  if (block.has("median") || block.has("p99")) {
    read_lognormal(Block{node, keys::lognormal}, into);
  } else if (key == "uniform") {
    read_uniform(block.at(key), into);
  } else if (key == "exponential") {
    Exponential exponential;
    block.required(key, exponential.mean, kLatencyLimits);
    into = exponential;
  } else if (key == "lognormal") {
    read_lognormal(Block{block.at(key), keys::lognormal}, into);
  } else if (key == "empirical") {
    read_empirical(block.at(key), into);
  } else if (node.reading().problems == problems_before) {
    node.complain(std::string{kLatencyExpected});
  }
}

}  // namespace

void read_value(const Node& node, bool& into) {
  if (!node.json().is_boolean()) {
    node.complain("true or false");
    return;
  }
  into = node.json().get<bool>();
}

void read_value(const Node& node, std::string& into) {
  if (!node.json().is_string() || node.json().get_ref<const std::string&>().empty()) {
    node.complain("a text that is not empty");
    return;
  }
  into = node.json().get<std::string>();
}

void read_value(const Node& node, std::uint64_t& into) {
  read_scalar(node, into, {0, std::numeric_limits<std::uint64_t>::max()});
}

void read_value(const Node& node, std::uint32_t& into, Limits<std::uint32_t> limits) {
  std::uint64_t value = into;
  if (read_scalar<std::uint64_t>(node, value, {limits.low, limits.high})) {
    into = static_cast<std::uint32_t>(value);
  }
}

void read_value(const Node& node, double& into, Limits<double> limits) {
  const double value = node.json().is_number() ? node.json().get<double>() : limits.low - 1;
  if (!(value >= limits.low && value <= limits.high)) {
    node.complain(fmt::format("a number from {} to {}", limits.low, limits.high));
    return;
  }
  into = value;
}

void read_value(const Node& node, Duration& into, Limits<Duration> limits) {
  read_scalar(node, into, limits);
}

void read_value(const Node& node, TrueInstant& into) {
  Duration since_start{};
  read_scalar(node, since_start, kAnyDuration);
  into = TrueInstant{since_start};
}

void read_value(const Node& node, Share& into, Limits<Share> limits) {
  read_scalar(node, into, limits);
}

void read_value(const Node& node, Probability& into) {
  Share share;
  if (read_scalar(node, share, kWholeShare)) {
    into = probability_of(share);
  }
}

void read_value(const Node& node, Ratio& into, Limits<Share> limits) {
  Share share;
  if (read_scalar(node, share, limits)) {
    into = Ratio::of(static_cast<std::uint64_t>(share.billionths), 1'000'000'000);
  }
}

void read_value(const Node& node, Rate& into, Limits<Rate> limits) {
  read_scalar(node, into, limits);
}

void read_value(const Node& node, Bandwidth& into) {
  read_scalar(node, into, {Bandwidth{1}, Bandwidth{1'000'000'000'000'000}});
}

void read_value(const Node& node, ByteCount& into, Limits<ByteCount> limits) {
  read_scalar(node, into, limits);
}

void read_value(const Node& node, Drift& into) {
  static constexpr std::int64_t kTenPercent = 100'000'000;
  read_scalar(node, into, {Drift{-kTenPercent}, Drift{kTenPercent}});
}

void read_value(const Node& node, DurationDistribution& into) {
  const Json& json = node.json();
  if (json.is_string() &&
      json.get_ref<const std::string&>().find(kPlusMinus) != std::string::npos) {
    read_normal(node, json.get_ref<const std::string&>(), into);
  } else if (json.is_string() || json.is_number() || is_range(json)) {
    read_constant(node, into);
  } else if (json.is_object()) {
    read_distribution(node, into);
  } else {
    node.complain(std::string{kLatencyExpected});
  }
}

void read_value(const Node& node, std::optional<Target>& into) {
  Parsed<Target> parsed =
      parse_target(node.json().is_string() ? node.json().get<std::string>() : std::string{});
  if (const Complaint* complaint = std::get_if<Complaint>(&parsed)) {
    node.complain(complaint->expected);
    return;
  }
  into = std::get<Target>(std::move(parsed));
}

std::optional<std::size_t> read_word(const Node& node, std::span<const std::string_view> words) {
  const std::string word = node.json().is_string() ? node.json().get<std::string>() : std::string{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == word) {
      return i;
    }
  }
  node.complain(node.found(), fmt::format("one of \"{}\"", fmt::join(words, "\", \"")),
                nearest_name(word, words));
  return std::nullopt;
}

}  // namespace windtunnel::chaos
