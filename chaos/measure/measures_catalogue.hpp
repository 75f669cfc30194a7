// Every measure by name: its unit, where it can be asked for, and which direction is worse. The
// loader checks `expect` entries against it; measures.hpp computes the values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "chaos/measure/amount.hpp"

namespace windtunnel::chaos {

enum class Worse : std::uint8_t { higher, lower };

struct MeasureInfo {
  std::string_view name;
  Unit unit = Unit::duration;
  std::string_view about;  ///< One sentence for people.
  bool expectable = true;  ///< May stand in `expect`; the others are only reported.
  bool per_fault =
      true;  ///< May be asked `after` a fault; an expectation that names none is held to every one.
  bool windowed =
      false;  ///< Aggregates over any window, so that `during`, `until` and gates make sense.
  bool whole_run =
      false;  ///< Has a value for the whole run; an expectation that names no fault means that one.
  Worse worse = Worse::higher;
  bool beyond_whole = false;  ///< A ratio that may be more than 100 %.
};

/// All measures, in the order in which tables and CSV columns show them.
[[nodiscard]] std::span<const MeasureInfo> measure_catalogue();

/// The measures of every service, likewise. Their names stand without the service:
/// "latency.p99" is "checkout.latency.p99" in a scenario.
[[nodiscard]] std::span<const MeasureInfo> service_measure_catalogue();

/// A measure of a service: "checkout.latency.p99" in its two parts.
struct ServiceMeasureName {
  std::string_view service;
  const MeasureInfo* info = nullptr;
};
/// Nothing where the name is of the first catalogue or of none. Whether there is such a service is
/// the caller's business.
[[nodiscard]] std::optional<ServiceMeasureName> find_service_measure(std::string_view name);

/// By the full name, in either catalogue; the info of a service's measure has its bare name. Null
/// where no measure has that name.
[[nodiscard]] const MeasureInfo* find_measure(std::string_view name);

/// The invariants that `expect` may name. "raft.safety" covers every breach whose name starts with
/// "raft.".
[[nodiscard]] std::span<const std::string_view> invariant_catalogue();

}  // namespace windtunnel::chaos
