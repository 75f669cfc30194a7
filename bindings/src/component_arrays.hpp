// NumPy arrays as arguments of batch calls: one value for all calls, or one for each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <pybind11/numpy.h>

#include "bindings/src/component_values.hpp"

namespace windtunnel::bindings {

template <typename T>
using Column = py::array_t<T, py::array::c_style | py::array::forcecast>;

/// `values[i]`, or the only one; ValueError where their number is neither 1 nor `count`.
template <typename T>
class Broadcast {
 public:
  Broadcast(const Column<T>& values, std::size_t count, const std::string& where)
      : values_(values.data()), step_(values.size() == 1 ? 0 : 1) {
    if (values.size() != 1 && static_cast<std::size_t>(values.size()) != count) {
      refuse_value(where, fmt::format("{} values", values.size()),
                   fmt::format("one value, or {} of them", count));
    }
  }
  [[nodiscard]] T operator[](std::size_t i) const { return values_[i * step_]; }

 private:
  const T* values_;
  std::size_t step_;
};

}  // namespace windtunnel::bindings
