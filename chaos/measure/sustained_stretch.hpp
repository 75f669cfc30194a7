// The search for the instant from which on every window is good for long enough: what
// recovery_time and balance_convergence have in common. What makes a window good is theirs.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "chaos/measure/measure_value.hpp"

namespace windtunnel::chaos {

/// `silent`: the window does not say; it may have been either.
enum class WindowState : std::uint8_t { good, bad, silent };

/// The earliest start after which nothing objectionable starts for as long as asked.
class CalmStretch {
 public:
  explicit CalmStretch(std::int64_t starts) : starts_(starts) {}

  /// One piece of window starts, [from, to], all alike.
  void take(std::int64_t from, std::int64_t to, bool objectionable);

  [[nodiscard]] std::optional<std::int64_t> found() const { return found_; }
  [[nodiscard]] std::optional<std::int64_t> since() const { return since_; }

 private:
  std::int64_t starts_;
  std::optional<std::int64_t> since_;
  std::optional<std::int64_t> found_;
};

/// Why there is no answer, in the words of a measure.
struct SustainedWords {
  std::string_view silent;  ///< A silent window decides.
  std::string_view closed;  ///< What ended last before the end came too early.
  std::string_view never;   ///< Nothing was good to the end.
};

/// Takes the pieces of [0, length) in order, times in nanoseconds.
class SustainedStretch {
 public:
  /// A stretch of `sustain` holds all windows of length `window` in it.
  SustainedStretch(Duration window, Duration sustain);

  void take(std::int64_t from, std::int64_t to, WindowState state);
  /// Whether further pieces change nothing.
  [[nodiscard]] bool is_found() const { return without_gaps_.found().has_value(); }

  /// The first good start, if the silent windows leave no doubt.
  [[nodiscard]] MeasureValue value(Duration length, std::uint64_t n,
                                   const SustainedWords& words) const;

 private:
  CalmStretch without_bad_;   // The answer if every silent window were good.
  CalmStretch without_gaps_;  // The answer if every silent window were bad.
};

}  // namespace windtunnel::chaos
