// How one attempt of a call ended, in the terms that retrying depends on.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>

#include "runtime/instant.hpp"

namespace windtunnel::retry {

enum class AttemptOutcome : std::uint8_t {
  succeeded,
  refused,      ///< Never processed: no connection, or turned away before any work.
  unavailable,  ///< A transient failure; the work may have been done.
  throttled,    ///< The server says that it has too much to do.
  timed_out,    ///< No answer within the attempt's time.
  failed,       ///< An answer that another attempt would not change.
  cancelled,    ///< Given up by the caller, because of a faster twin for one.
};

/// A set of outcomes, as a value.
class OutcomeSet {
 public:
  constexpr OutcomeSet(std::initializer_list<AttemptOutcome> outcomes) {
    for (const AttemptOutcome outcome : outcomes) {
      bits_ |= bit(outcome);
    }
  }

  [[nodiscard]] constexpr bool contains(AttemptOutcome outcome) const {
    return (bits_ & bit(outcome)) != 0;
  }

 private:
  [[nodiscard]] static constexpr std::uint32_t bit(AttemptOutcome outcome) {
    return std::uint32_t{1} << static_cast<std::uint32_t>(outcome);
  }

  std::uint32_t bits_ = 0;
};

/// Once response headers have reached the caller, a second attempt could contradict the first
/// (gRPC A6, "When Retries are Valid").
enum class Commitment : std::uint8_t { open, committed };

struct AttemptEnd {
  AttemptOutcome outcome = AttemptOutcome::succeeded;
  Commitment commitment = Commitment::open;
  /// What the server asked for: wait this long, or, if negative, do not come again (gRPC A6,
  /// "Pushback").
  std::optional<Duration> pushback{};
};

[[nodiscard]] constexpr bool forbids_retries(const AttemptEnd& end) {
  return end.pushback && *end.pushback < Duration::zero();
}

}  // namespace windtunnel::retry
