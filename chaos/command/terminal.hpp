// What the command line knows of the terminal it runs on: colours, width, and a progress line that
// only a terminal sees.
#pragma once

#include <string>
#include <string_view>

#include "chaos/report/report_style.hpp"
#include "chaos/run/campaign_runner.hpp"
#include "chaos/run/stopwatch.hpp"

namespace windtunnel::chaos {

enum class ColourChoice : std::uint8_t { automatic, always, never };

/// Colours where standard output is a terminal and NO_COLOR is not set, unless chosen; width of the
/// terminal, else 100.
[[nodiscard]] Style terminal_style(ColourChoice choice);

/// One line on standard error that is redrawn in place, at most ten times a second; nothing where
/// that is no terminal.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// `share` of the work is done, from 0 to 1; `what` says in words how far it is.
  void show(double share, std::string_view what);
  void clear();

 private:
  bool is_terminal_;
  bool is_drawn_ = false;
  double last_drawn_ = -1;
  Stopwatch stopwatch_;
};

}  // namespace windtunnel::chaos
