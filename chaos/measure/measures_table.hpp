// The measured values of one run by name, in the order of the catalogue.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chaos/measure/measure_value.hpp"

namespace windtunnel::chaos {

/// A measure and the window it was taken over: empty for the whole run, a fault's id for the
/// stretch after it, and a longer name for any other window ("leader-loss/during"; see window_name
/// in judgement.hpp).
struct MeasureKey {
  std::string measure;
  std::string window;

  /// "control_plane.recovery_time@leader-loss", or the bare measure for the whole run.
  [[nodiscard]] std::string name() const {
    return window.empty() ? measure : measure + "@" + window;
  }
  friend bool operator==(const MeasureKey&, const MeasureKey&) = default;
};

struct MeasureRow {
  MeasureKey key;
  MeasureValue value;
};

/// Lookup is linear: a run has some dozens of rows.
class MeasureTable {
 public:
  /// Replaces the row of the same key, or adds one at the end.
  void set(MeasureKey key, MeasureValue value);

  [[nodiscard]] const MeasureValue* find(std::string_view measure, std::string_view window) const;
  [[nodiscard]] const std::vector<MeasureRow>& rows() const { return rows_; }

 private:
  std::vector<MeasureRow> rows_;
};

}  // namespace windtunnel::chaos
