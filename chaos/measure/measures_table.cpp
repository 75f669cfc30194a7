#include "chaos/measure/measures_table.hpp"

#include <algorithm>
#include <utility>

namespace windtunnel::chaos {

void MeasureTable::set(MeasureKey key, MeasureValue value) {
  const auto row = std::ranges::find(rows_, key, &MeasureRow::key);
  if (row != rows_.end()) {
    row->value = std::move(value);
  } else {
    rows_.push_back({.key = std::move(key), .value = std::move(value)});
  }
}

const MeasureValue* MeasureTable::find(std::string_view measure, std::string_view window) const {
  const auto row = std::ranges::find_if(rows_, [&](const MeasureRow& candidate) {
    return candidate.key.measure == measure && candidate.key.window == window;
  });
  return row == rows_.end() ? nullptr : &row->value;
}

}  // namespace windtunnel::chaos
