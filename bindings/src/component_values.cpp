#include "bindings/src/component_values.hpp"

#include <array>
#include <cmath>
#include <stdexcept>

#include "chaos/scenario/quantity.hpp"
#include "runtime/check.hpp"

namespace windtunnel::bindings {

namespace {

constexpr double kNanosecondsPerSecond = 1e9;
constexpr std::int64_t kNanosecondsMax = std::int64_t{1} << 62;

std::string complaint(std::string_view where, std::string_view found, std::string_view expected,
                      std::string_view nearest) {
  std::string text = fmt::format("{}: found {}; expected {}", where, found, expected);
  if (!nearest.empty()) {
    text += fmt::format("; did you mean \"{}\"?", nearest);
  }
  return text;
}

bool is_number(py::handle value) {
  return !PyBool_Check(value.ptr()) && PyNumber_Check(value.ptr()) != 0 &&
         !py::isinstance<py::str>(value);
}

/// `seconds` as whole nanoseconds, or nothing where they do not fit.
std::optional<std::int64_t> nanoseconds_in(double seconds) {
  const double count = std::round(seconds * kNanosecondsPerSecond);
  if (!(count >= 0) || count >= static_cast<double>(kNanosecondsMax)) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(count);
}

template <typename T>
T parsed(py::handle value, const std::string& where, chaos::Parsed<T> (*parse)(std::string_view)) {
  const chaos::Parsed<T> result = parse(value.cast<std::string>());
  if (const auto* const why = std::get_if<chaos::Complaint>(&result)) {
    refuse_value(where, found_text(value), why->expected, why->nearest);
  }
  return std::get<T>(result);
}

std::vector<Duration> durations_from(py::handle value, const std::string& where) {
  std::vector<Duration> list;
  read_list(value, where, list);
  return list;
}

DurationDistribution named_distribution(const std::string& kind, py::handle value,
                                        const std::string& where) {
  static const std::vector<std::string> kKinds = {"uniform", "normal", "exponential", "lognormal",
                                                  "empirical"};
  const std::string at = where + "." + kind;
  if (kind == "exponential") {
    return Exponential{duration_from(value, at)};
  }
  if (kind == "empirical") {
    Empirical empirical{durations_from(value, at)};
    if (empirical.values.empty()) {
      refuse_value(at, "no values", "one value at least");
    }
    return empirical;
  }
  if (kind == "uniform") {
    const std::vector<Duration> ends = durations_from(value, at);
    if (ends.size() != 2 || ends[1] < ends[0]) {
      refuse_value(at, found_text(value), "[shortest, longest]");
    }
    return Uniform{ends[0], ends[1]};
  }
  if (kind != "normal" && kind != "lognormal") {
    refuse_value(where, fmt::format("\"{}\"", kind), choices_text(kKinds),
                 chaos::nearest_name(kind, kKinds));
  }
  const bool is_normal = kind == "normal";
  const std::array<const char*, 2> keys =
      is_normal ? std::array{"mean", "deviation"} : std::array{"median", "p99"};
  if (!py::isinstance<py::dict>(value)) {
    refuse_type(at, found_text(value),
                fmt::format("{{\"{}\": ..., \"{}\": ...}}", keys[0], keys[1]));
  }
  const auto block = py::reinterpret_borrow<py::dict>(value);
  if (block.size() != 2 || !block.contains(keys[0]) || !block.contains(keys[1])) {
    refuse_value(at, found_text(value),
                 fmt::format("{{\"{}\": ..., \"{}\": ...}}", keys[0], keys[1]));
  }
  const Duration first = duration_from(block[keys[0]], at + "." + keys[0]);
  const Duration second = duration_from(block[keys[1]], at + "." + keys[1]);
  if (is_normal) {
    return Normal{first, second};
  }
  if (first <= Duration::zero() || second < first) {
    refuse_value(at, found_text(value), "a median above 0 and a p99 that is no less");
  }
  return Lognormal{first, second};
}

}  // namespace

void refuse_value(std::string_view where, std::string_view found, std::string_view expected,
                  std::string_view nearest) {
  throw py::value_error(complaint(where, found, expected, nearest));
}

void refuse_type(std::string_view where, std::string_view found, std::string_view expected,
                 std::string_view nearest) {
  throw py::type_error(complaint(where, found, expected, nearest));
}

std::string found_text(py::handle value) {
  constexpr std::size_t kLengthMax = 80;
  auto text = py::repr(value).cast<std::string>();
  if (py::isinstance<py::str>(value)) {
    text = fmt::format("\"{}\"", value.cast<std::string>());
  }
  if (text.size() > kLengthMax) {
    text = text.substr(0, kLengthMax) + "...";
  }
  return text;
}

std::string choices_text(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const char* const before = i == 0 ? "" : i + 1 == names.size() ? " or " : ", ";
    text += fmt::format("{}\"{}\"", before, names[i]);
  }
  return text;
}

double seconds_of(Duration span) {
  if (span == Duration::max()) {
    return std::numeric_limits<double>::infinity();
  }
  return static_cast<double>(span.count()) / kNanosecondsPerSecond;
}

double seconds_of(Instant instant) {
  return seconds_of(instant.time_since_epoch());
}

Instant instant_of(double seconds) {
  const std::optional<std::int64_t> count = nanoseconds_in(seconds);
  if (!count) {
    refuse_value("now", fmt::format("{}", seconds), "seconds from 0 to 4.6e9");
  }
  return instant_at<Instant>(*count);
}

Instant TimeLine::at(double seconds) {
  const Instant now = instant_of(seconds);
  if (now < latest_) {
    refuse_value(
        "now", fmt::format("{}", seconds),
        fmt::format("no earlier than {}, the time of the call before", seconds_of(latest_)));
  }
  latest_ = now;
  return now;
}

Duration duration_from(py::handle value, const std::string& where) {
  constexpr std::string_view kExpected = "seconds, at least 0, or a text such as \"250ms\"";
  if (py::isinstance<py::str>(value)) {
    return parsed<Duration>(value, where, chaos::parse_duration);
  }
  if (!is_number(value)) {
    refuse_type(where, found_text(value), kExpected);
  }
  const double seconds = number_from(value, where);
  if (std::isinf(seconds) && seconds > 0) {
    return Duration::max();
  }
  const std::optional<std::int64_t> count = nanoseconds_in(seconds);
  if (!count) {
    refuse_value(where, found_text(value), kExpected);
  }
  return Duration{*count};
}

std::int64_t integer_from(py::handle value, const std::string& where, std::int64_t low,
                          std::uint64_t high) {
  const std::string expected = fmt::format("a whole number from {} to {}", low, high);
  if (PyBool_Check(value.ptr()) || PyIndex_Check(value.ptr()) == 0) {
    refuse_type(where, found_text(value), expected);
  }
  const auto number = py::reinterpret_steal<py::object>(PyNumber_Index(value.ptr()));
  if (!number) {
    throw py::error_already_set();
  }
  int overflow = 0;
  const long long small = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
  if (overflow == 0) {
    if (small < low || (small > 0 && static_cast<std::uint64_t>(small) > high)) {
      refuse_value(where, found_text(value), expected);
    }
    return small;
  }
  const unsigned long long large = overflow > 0 ? PyLong_AsUnsignedLongLong(number.ptr()) : 0;
  if (overflow < 0 || PyErr_Occurred() != nullptr || large > high) {
    PyErr_Clear();
    refuse_value(where, found_text(value), expected);
  }
  // Back to an unsigned type at the caller's, bit for bit.
  return static_cast<std::int64_t>(large);
}

double number_from(py::handle value, const std::string& where) {
  if (!is_number(value)) {
    refuse_type(where, found_text(value), "a number");
  }
  const double number = PyFloat_AsDouble(value.ptr());
  if (PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    refuse_type(where, found_text(value), "a number");
  }
  if (std::isnan(number)) {
    refuse_value(where, "nan", "a number");
  }
  return number;
}

bool flag_from(py::handle value, const std::string& where) {
  if (!PyBool_Check(value.ptr())) {
    refuse_type(where, found_text(value), "True or False");
  }
  return value.ptr() == Py_True;
}

std::string text_from(py::handle value, const std::string& where) {
  if (!py::isinstance<py::str>(value)) {
    refuse_type(where, found_text(value), "a text");
  }
  return value.cast<std::string>();
}

std::int64_t billionths_from(py::handle value, const std::string& where) {
  constexpr std::int64_t kWhole = 1'000'000'000;
  constexpr std::string_view kExpected = "a share from 0 to 1, or a text such as \"50%\"";
  if (!is_number(value) && !py::isinstance<py::str>(value)) {
    refuse_type(where, found_text(value), kExpected);
  }
  const double given =
      py::isinstance<py::str>(value)
          ? static_cast<double>(parsed<chaos::Share>(value, where, chaos::parse_share).billionths)
          : std::round(number_from(value, where) * kWhole);
  if (!(given >= 0) || given > kWhole) {
    refuse_value(where, found_text(value), kExpected);
  }
  return static_cast<std::int64_t>(given);
}

limit::Rate rate_from(py::handle value, const std::string& where) {
  constexpr std::string_view kExpected =
      "events a second, (events, seconds), or a text such as \"200/s\"";
  if (py::isinstance<py::str>(value)) {
    const auto rate = parsed<chaos::Rate>(value, where, chaos::parse_rate);
    if (rate.events == 0 || rate.events > std::numeric_limits<std::int64_t>::max()) {
      refuse_value(where, found_text(value), "a rate above 0");
    }
    return constructed(where, [&] {
      return limit::Rate{static_cast<std::int64_t>(rate.events), rate.per};
    });
  }
  if (py::isinstance<py::tuple>(value) && py::len(value) == 2) {
    const auto pair = py::reinterpret_borrow<py::tuple>(value);
    const std::int64_t events = integer_from(pair[0], where, 1, INT64_MAX);
    const Duration per = duration_from(pair[1], where);
    return constructed(where, [&] { return limit::Rate{events, per}; });
  }
  if (!is_number(value)) {
    refuse_type(where, found_text(value), kExpected);
  }
  // A number that is a whole count of events in a second, ten, a minute, ... is that rate exactly.
  const double per_second = number_from(value, where);
  for (const std::int64_t seconds :
       {1, 10, 60, 100, 600, 1'000, 3'600, 10'000, 100'000, 1'000'000}) {
    const double events = per_second * static_cast<double>(seconds);
    const double whole = std::round(events);
    if (whole >= 1 && whole < 9e15 && std::abs(events - whole) <= 1e-9 * whole) {
      return constructed(where, [&] {
        return limit::Rate{static_cast<std::int64_t>(whole), std::chrono::seconds{seconds}};
      });
    }
  }
  refuse_value(where, found_text(value), kExpected);
}

DurationDistribution distribution_from(py::handle value, const std::string& where) {
  if (!py::isinstance<py::dict>(value)) {
    return Constant{duration_from(value, where)};
  }
  const auto block = py::reinterpret_borrow<py::dict>(value);
  if (block.contains("median") && block.contains("p99") && block.size() == 2) {
    return named_distribution("lognormal", block, where);
  }
  if (block.size() != 1) {
    refuse_value(where, found_text(value), "one distribution, such as {\"exponential\": \"10ms\"}");
  }
  const auto item = *block.begin();
  return named_distribution(text_from(item.first, where), item.second, where);
}

py::object distribution_to(const DurationDistribution& distribution) {
  const auto one = [](const char* kind, py::object value) -> py::object {
    py::dict block;
    block[kind] = std::move(value);
    return block;
  };
  const auto two = [](const char* first, Duration left, const char* second, Duration right) {
    py::dict block;
    block[first] = seconds_of(left);
    block[second] = seconds_of(right);
    return block;
  };
  struct Writer {
    const decltype(one)& single;
    const decltype(two)& pair;
    py::object operator()(const Constant& constant) const {
      return py::float_(seconds_of(constant.value));
    }
    py::object operator()(const Uniform& uniform) const {
      return single("uniform", value_to(std::vector{uniform.low, uniform.high}));
    }
    py::object operator()(const Normal& normal) const {
      return single("normal", pair("mean", normal.mean, "deviation", normal.deviation));
    }
    py::object operator()(const Exponential& exponential) const {
      return single("exponential", py::float_(seconds_of(exponential.mean)));
    }
    py::object operator()(const Lognormal& lognormal) const {
      return single("lognormal", pair("median", lognormal.median, "p99", lognormal.p99));
    }
    py::object operator()(const Empirical& empirical) const {
      return single("empirical", value_to(empirical.values));
    }
  };
  return std::visit(Writer{one, two}, distribution);
}

Given::Given(const py::kwargs& arguments, std::string where) : where_(std::move(where)) {
  rest_ = py::reinterpret_steal<py::dict>(PyDict_Copy(arguments.ptr()));
}

void Given::refuse_unknown() const {
  if (rest_.empty()) {
    return;
  }
  const std::string name = py::str((*rest_.begin()).first).cast<std::string>();
  const std::string expected = known_.empty() ? "no parameters" : "one of " + choices_text(known_);
  refuse_type(where_, fmt::format("the parameter \"{}\"", name), expected,
              chaos::nearest_name(name, known_));
}

std::string repr_text(const std::string& name, const py::dict& parameters, const py::dict& state) {
  const auto joined = [](const py::dict& values) {
    std::string text;
    for (const auto& [key, value] : values) {
      text += fmt::format("{}{}={}", text.empty() ? "" : ", ", py::str(key).cast<std::string>(),
                          py::repr(value).cast<std::string>());
    }
    return text;
  };
  const std::string now = joined(state);
  return fmt::format("{}({}){}", name, joined(parameters), now.empty() ? "" : " <" + now + ">");
}

void rethrow_as_value_error(const std::string& where) {
  try {
    throw;
  } catch (const ProgrammingError& error) {
    constexpr std::string_view kBefore = "check failed: ";
    const std::string_view text = error.what();
    const std::size_t at = text.find(kBefore);
    throw py::value_error(fmt::format(
        "{}: {}", where, at == std::string_view::npos ? text : text.substr(at + kBefore.size())));
  }
}

}  // namespace windtunnel::bindings
