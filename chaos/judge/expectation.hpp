// What a scenario demands of a run: the one definition of an `expect` entry. The loader fills these
// structs (names, units and fault ids already checked against measures_catalogue.hpp and the
// timeline); judging them is judgement.hpp's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "chaos/judge/verdict.hpp"
#include "chaos/measure/amount.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::chaos {

/// An invariant holds at every event, a gate in the steady state before the first fault, an
/// objective over a window.
enum class ExpectationKind : std::uint8_t { invariant, gate, objective };

struct AtMost {
  Amount limit;
  friend bool operator==(const AtMost&, const AtMost&) = default;
};

struct AtLeast {
  Amount limit;
  friend bool operator==(const AtLeast&, const AtLeast&) = default;
};

struct Equals {
  Amount value;
  friend bool operator==(const Equals&, const Equals&) = default;
};

/// Both ends included.
struct Within {
  Amount low;
  Amount high;
  friend bool operator==(const Within&, const Within&) = default;
};

/// All amounts of a bound hold the unit of the expectation's measure. A ratio comes from two
/// integers
/// (`Ratio::of(parts_per_billion, 1'000'000'000)`), so that "99.9%" equals 999 of 1000 exactly.
using Bound = std::variant<AtMost, AtLeast, Equals, Within>;

/// Where an objective looks. `after` a fault: from its first strike to the first strike of the next
/// timeline entry, or the end of the run. `during` a fault: from its first strike to the end of its
/// last one.
enum class WindowKind : std::uint8_t { whole_run, after, during };

/// Closes a window early: at an instant of the true clock, or at the first strike of a timeline
/// entry.
using WindowEnd = std::variant<TrueInstant, std::string>;

/// The statistic over the seeds of a campaign that a bound applies to (scenario key `over_seeds`).
enum class SeedStatistic : std::uint8_t { min, mean, p50, p95, p99, max };

/// One entry of `expect`.
struct Expectation {
  std::string that;  ///< Measure name ("control_plane.recovery_time") or invariant ("raft.safety").
  ExpectationKind kind = ExpectationKind::objective;
  std::optional<Bound> bound;  ///< Present unless `kind` is invariant.
  WindowKind window = WindowKind::whole_run;
  std::string fault;  ///< Timeline entry id for `after` and `during`; empty for the whole run.
  std::optional<WindowEnd> until;
  std::optional<Verdict> on_empty;  ///< What no evidence means; inconclusive where absent.
  std::optional<SeedStatistic> over_seeds;

  friend bool operator==(const Expectation&, const Expectation&) = default;
};

[[nodiscard]] std::string_view to_string(ExpectationKind kind);
[[nodiscard]] std::string_view to_string(SeedStatistic statistic);

/// "≤ 3 s", "≥ 99.9 %", "= 0", "1 s … 3 s".
[[nodiscard]] std::string to_text(const Bound& bound);

/// The same with every digit.
[[nodiscard]] std::string exact_text(const Bound& bound);

/// Whether `observed` keeps the bound. Both must have the same unit.
[[nodiscard]] bool keeps(const Bound& bound, const Amount& observed);

/// The same for a statistic over seeds, which is a plain number (seconds, count, share) and may be
/// infinite.
[[nodiscard]] bool keeps(const Bound& bound, double observed);

}  // namespace windtunnel::chaos
