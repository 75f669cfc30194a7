// What measuring one quantity came to: an amount, or exactly why there is none. The three kinds of
// absence are kept apart, because each means something else to a verdict.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "chaos/measure/amount.hpp"

namespace windtunnel::chaos {

/// What was waited for did not happen: the quantity is infinite as far as this run can tell.
struct Censored {
  std::string why;
  std::optional<Amount> at_least;  ///< How much was seen of it.
  friend bool operator==(const Censored&, const Censored&) = default;
};

/// The run does not say: no samples, or it ended too early.
struct NoEvidence {
  std::string why;
  std::optional<Amount> at_least;  ///< A lower bound, where the run proves one.
  friend bool operator==(const NoEvidence&, const NoEvidence&) = default;
};

/// The question does not arise: a crashed follower has no election.
struct NotApplicable {
  std::string why;
  friend bool operator==(const NotApplicable&, const NotApplicable&) = default;
};

struct MeasureValue {
  std::variant<Amount, Censored, NoEvidence, NotApplicable> what;
  std::uint64_t n = 0;  ///< Samples that the value rests on.

  [[nodiscard]] const Amount* amount() const { return std::get_if<Amount>(&what); }
  [[nodiscard]] bool is_censored() const { return std::holds_alternative<Censored>(what); }

  friend bool operator==(const MeasureValue&, const MeasureValue&) = default;
};

[[nodiscard]] inline MeasureValue measured(Amount amount, std::uint64_t n) {
  return {.what = amount, .n = n};
}

[[nodiscard]] inline MeasureValue censored(std::string why, std::uint64_t n,
                                           std::optional<Amount> at_least = {}) {
  return {.what = Censored{.why = std::move(why), .at_least = at_least}, .n = n};
}

[[nodiscard]] inline MeasureValue no_evidence(std::string why, std::uint64_t n = 0,
                                              std::optional<Amount> at_least = {}) {
  return {.what = NoEvidence{.why = std::move(why), .at_least = at_least}, .n = n};
}

[[nodiscard]] inline MeasureValue not_applicable(std::string why) {
  return {.what = NotApplicable{.why = std::move(why)}, .n = 0};
}

/// Why there is no amount; empty where there is one.
[[nodiscard]] std::string why_absent(const MeasureValue& value);

/// "1.234 s", "∞", "≥ 2 s, unknown", "unknown", "—".
[[nodiscard]] std::string to_text(const MeasureValue& value);

}  // namespace windtunnel::chaos
