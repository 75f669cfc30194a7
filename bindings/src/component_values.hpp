// How components' parameters cross between Python and C++: from a keyword argument to the member of
// an options struct, and back for tables of defaults. A struct takes part by BOOST_DESCRIBE_STRUCT,
// an enum by BOOST_DESCRIBE_ENUM; both may stand beside the binding.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <fmt/format.h>
#include <pybind11/pybind11.h>

#include "chaos/scenario/nearest_name.hpp"
#include "models/breaker/threshold.hpp"
#include "models/limit/rate.hpp"
#include "runtime/distribution.hpp"
#include "runtime/id.hpp"
#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::bindings {

namespace py = pybind11;

/// A wrong value of a parameter, as the command line words it; ValueError in Python. `where` is
/// like `Balancer("maglev"): table_size`.
[[noreturn]] void refuse_value(std::string_view where, std::string_view found,
                               std::string_view expected, std::string_view nearest = {});
/// The same for a value of the wrong type, or an unknown parameter; TypeError in Python.
[[noreturn]] void refuse_type(std::string_view where, std::string_view found,
                              std::string_view expected, std::string_view nearest = {});
/// repr() of what was given, cut where it is long.
[[nodiscard]] std::string found_text(py::handle value);
/// `"a", "b" or "c"`.
[[nodiscard]] std::string choices_text(const std::vector<std::string>& names);

/// Seconds as Python has them: infinity for "never".
[[nodiscard]] double seconds_of(Duration span);
[[nodiscard]] double seconds_of(Instant instant);
/// The nanosecond nearest to `seconds` (halves away from zero); ValueError unless it is at least 0
/// and less than 146 years.
[[nodiscard]] Instant instant_of(double seconds);

/// The time that one component has been told: it never goes back.
class TimeLine {
 public:
  [[nodiscard]] Instant at(double seconds);
  /// Something happened by itself, at an exact instant.
  void reach(Instant now) { latest_ = std::max(latest_, now); }
  [[nodiscard]] Instant latest() const { return latest_; }

 private:
  Instant latest_{};
};

[[nodiscard]] Duration duration_from(py::handle value, const std::string& where);
[[nodiscard]] std::int64_t integer_from(py::handle value, const std::string& where,
                                        std::int64_t low, std::uint64_t high);
[[nodiscard]] double number_from(py::handle value, const std::string& where);
[[nodiscard]] bool flag_from(py::handle value, const std::string& where);
[[nodiscard]] std::string text_from(py::handle value, const std::string& where);
/// A share from 0 to 1, or a text such as "50%", in billionths.
[[nodiscard]] std::int64_t billionths_from(py::handle value, const std::string& where);
/// Events a second, (events, seconds), or a text such as "200/s".
[[nodiscard]] limit::Rate rate_from(py::handle value, const std::string& where);
/// A span of time, or one of the scenario format's distributions.
[[nodiscard]] DurationDistribution distribution_from(py::handle value, const std::string& where);
[[nodiscard]] py::object distribution_to(const DurationDistribution& distribution);

/// A member whose own members are parameters of their own, beside its neighbours.
template <typename T>
inline constexpr bool kIsFlattened = false;

/// A limiter's rate, which has no value that stands for nothing.
struct RateValue {
  limit::Rate rate = limit::Rate::per_second(100);
};

template <typename T>
concept Described = boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;
template <typename T>
concept DescribedEnum = boost::describe::has_describe_enumerators<T>::value;

template <DescribedEnum E>
[[nodiscard]] std::vector<std::string> names_of() {
  std::vector<std::string> names;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>(
      [&](auto each) { names.emplace_back(each.name); });
  return names;
}

template <DescribedEnum E>
[[nodiscard]] std::string name_of(E value) {
  std::string name;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto each) {
    if (each.value == value) {
      name = each.name;
    }
  });
  return name;
}

template <DescribedEnum E>
[[nodiscard]] E enum_from(py::handle value, const std::string& where) {
  const std::vector<std::string> names = names_of<E>();
  if (!py::isinstance<py::str>(value)) {
    refuse_type(where, found_text(value), choices_text(names));
  }
  const auto text = value.cast<std::string>();
  std::optional<E> found;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto each) {
    if (text == each.name) {
      found = each.value;
    }
  });
  if (!found) {
    refuse_value(where, found_text(value), choices_text(names), chaos::nearest_name(text, names));
  }
  return *found;
}

template <typename T, typename Visit>
void for_each_parameter(T& options, Visit&& visit) {
  using Members =
      boost::describe::describe_members<std::remove_const_t<T>, boost::describe::mod_public>;
  boost::mp11::mp_for_each<Members>([&](auto each) {
    auto& member = options.*each.pointer;
    if constexpr (kIsFlattened<std::remove_cvref_t<decltype(member)>>) {
      for_each_parameter(member, visit);
    } else {
      visit(std::string{each.name}, member);
    }
  });
}

template <typename T>
void read_value(py::handle value, const std::string& where, T& into);
template <Described T>
void read_parameters(py::dict given, const std::string& where, T& options);

template <typename T>
void read_list(py::handle value, const std::string& where, std::vector<T>& into) {
  if (!py::isinstance<py::iterable>(value) || py::isinstance<py::str>(value)) {
    refuse_type(where, found_text(value), "a list");
  }
  into.clear();
  for (const py::handle item : py::reinterpret_borrow<py::iterable>(value)) {
    read_value(item, fmt::format("{}[{}]", where, into.size()), into.emplace_back());
  }
}

template <Described T>
void read_block(py::handle value, const std::string& where, T& into) {
  if (!py::isinstance<py::dict>(value)) {
    refuse_type(where, found_text(value), "a dict of parameters");
  }
  read_parameters(py::reinterpret_borrow<py::dict>(value), where, into);
}

namespace detail {

template <typename T>
struct ValueReader {
  static void read(py::handle value, const std::string& where, T& into) {
    if constexpr (std::is_same_v<T, bool>) {
      into = flag_from(value, where);
    } else if constexpr (std::is_same_v<T, Duration>) {
      into = duration_from(value, where);
    } else if constexpr (std::integral<T>) {
      const auto low = static_cast<std::int64_t>(std::numeric_limits<T>::min());
      const auto high = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
      into = static_cast<T>(integer_from(value, where, low, high));
    } else if constexpr (std::floating_point<T>) {
      into = number_from(value, where);
    } else if constexpr (std::is_same_v<T, std::string>) {
      into = text_from(value, where);
    } else if constexpr (std::is_same_v<T, breaker::Share>) {
      into = {static_cast<std::uint32_t>(billionths_from(value, where)), 1'000'000'000};
    } else if constexpr (std::is_same_v<T, Probability>) {
      into = Probability::of_ratio(static_cast<double>(billionths_from(value, where)) / 1e9);
    } else if constexpr (std::is_same_v<T, RateValue>) {
      into.rate = rate_from(value, where);
    } else if constexpr (std::is_same_v<T, DurationDistribution>) {
      into = distribution_from(value, where);
    } else if constexpr (DescribedEnum<T>) {
      into = enum_from<T>(value, where);
    } else {
      static_assert(Described<T>, "no way from Python to this type");
      read_block(value, where, into);
    }
  }
  static py::object write(const T& value) {
    if constexpr (std::is_same_v<T, Duration>) {
      return py::float_(seconds_of(value));
    } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::string> ||
                         std::is_arithmetic_v<T>) {
      return py::cast(value);
    } else if constexpr (std::is_same_v<T, breaker::Share>) {
      return py::float_(static_cast<double>(value.parts) / value.whole);
    } else if constexpr (std::is_same_v<T, Probability>) {
      return py::float_(value.ratio());
    } else if constexpr (std::is_same_v<T, RateValue>) {
      return py::float_(static_cast<double>(value.rate.count()) * 1e9 /
                        static_cast<double>(value.rate.per()));
    } else if constexpr (std::is_same_v<T, DurationDistribution>) {
      return distribution_to(value);
    } else if constexpr (DescribedEnum<T>) {
      return py::str(name_of(value));
    } else {
      py::dict block;
      for_each_parameter(value, [&](const std::string& name, const auto& member) {
        block[py::str(name)] = ValueReader<std::remove_cvref_t<decltype(member)>>::write(member);
      });
      return block;
    }
  }
};

template <typename Tag, typename Rep>
struct ValueReader<Id<Tag, Rep>> {
  static void read(py::handle value, const std::string& where, Id<Tag, Rep>& into) {
    Rep number{};
    read_value(value, where, number);
    into = Id<Tag, Rep>{number};
  }
  static py::object write(const Id<Tag, Rep>& value) { return py::cast(value.value()); }
};

template <typename T>
struct ValueReader<std::optional<T>> {
  static void read(py::handle value, const std::string& where, std::optional<T>& into) {
    if (value.is_none()) {
      into.reset();
    } else {
      read_value(value, where, into ? *into : into.emplace());
    }
  }
  static py::object write(const std::optional<T>& value) {
    return value ? ValueReader<T>::write(*value) : py::none();
  }
};

template <typename T>
struct ValueReader<std::vector<T>> {
  static void read(py::handle value, const std::string& where, std::vector<T>& into) {
    read_list(value, where, into);
  }
  static py::object write(const std::vector<T>& values) {
    py::list list;
    for (const T& value : values) {
      list.append(ValueReader<T>::write(value));
    }
    return list;
  }
};

}  // namespace detail

template <typename T>
void read_value(py::handle value, const std::string& where, T& into) {
  detail::ValueReader<T>::read(value, where, into);
}

template <typename T>
[[nodiscard]] py::object value_to(const T& value) {
  return detail::ValueReader<T>::write(value);
}

/// Keyword arguments of one constructor. Several options structs may read from it; what nobody has
/// read at the end was unknown.
class Given {
 public:
  Given(const py::kwargs& arguments, std::string where);

  /// Parameters of `options` that were given are set.
  template <Described T>
  void read(T& options) {
    for_each_parameter(options, [&](const std::string& name, auto& member) { take(name, member); });
  }
  template <typename T>
  void take(const std::string& name, T& into) {
    known_.push_back(name);
    if (rest_.contains(name.c_str())) {
      read_value(rest_[name.c_str()], where_ + ": " + name, into);
      PyDict_DelItemString(rest_.ptr(), name.c_str());
    }
  }
  /// TypeError, with the nearest name, if something is left.
  void refuse_unknown() const;

  [[nodiscard]] const std::string& where() const { return where_; }

 private:
  py::dict rest_;
  std::string where_;
  std::vector<std::string> known_;
};

template <Described T>
void read_parameters(py::dict given, const std::string& where, T& options) {
  Given block{py::kwargs{given}, where};
  block.read(options);
  block.refuse_unknown();
}

/// Adds the values of `options` by name: defaults, or what an object was made with.
template <Described T>
void list_parameters(py::dict& into, const T& options) {
  for_each_parameter(options, [&](const std::string& name, const auto& member) {
    into[py::str(name)] = value_to(member);
  });
}

/// `Breaker(error_ratio=0.5, window=10.0; state="closed")`.
[[nodiscard]] std::string repr_text(const std::string& name, const py::dict& parameters,
                                    const py::dict& state);

/// Makes a component of parameters. A precondition that they break is the caller's mistake, and a
/// ValueError.
void rethrow_as_value_error(const std::string& where);

template <typename Make>
auto constructed(const std::string& where, Make&& make) -> decltype(make()) {
  try {
    return make();
  } catch (const std::logic_error&) {
    rethrow_as_value_error(where);
    throw;
  }
}

}  // namespace windtunnel::bindings
