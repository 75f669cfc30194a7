#include "chaos/scenario/input_error.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace windtunnel::chaos {

namespace {

std::string place_text(const Place& place) {
  return place.line == 0 ? place.file
                         : fmt::format("{}:{}:{}", place.file, place.line, place.column);
}

std::string joined_text(const std::vector<InputError>& errors) {
  std::string text;
  for (const InputError& error : errors) {
    text += (text.empty() ? "" : "\n") + error_text(error);
  }
  return text;
}

}  // namespace

std::string error_text(const InputError& error) {
  std::string text = place_text(error.place) + ": ";
  if (!error.pointer.empty()) {
    text += error.pointer + ": ";
  }
  text += fmt::format("found {}; expected {}", error.found, error.expected);
  if (!error.nearest.empty()) {
    text += fmt::format("; did you mean \"{}\"?", error.nearest);
  }
  return text;
}

void sort_by_place(std::vector<InputError>& errors) {
  std::stable_sort(errors.begin(), errors.end(), [](const InputError& a, const InputError& b) {
    return std::tie(a.place.line, a.place.column) < std::tie(b.place.line, b.place.column);
  });
}

BadInput::BadInput(std::vector<InputError> errors)
    : std::runtime_error(joined_text(errors)), errors_(std::move(errors)) {}

}  // namespace windtunnel::chaos
