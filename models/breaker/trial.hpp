// The half-open period of a breaker: a fixed number of permits, and the rule that turns their
// outcomes into a decision. Every permit comes back: settled, or leaked after a timeout.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/breaker/outcome.hpp"
#include "models/breaker/threshold.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::breaker {

/// Whether a trial may fail before it has all the outcomes it waits for.
enum class FailTrial : std::uint8_t {
  /// Only when `decide_after` calls have ended (resilience4j).
  at_decision,
  /// As soon as no further success could pass it. With a threshold of "above 0 %" that is the first
  /// error (Hystrix, Sentinel, gobreaker, opossum, cockatiel).
  when_certain,
};

struct TrialOptions {
  /// Calls admitted in one trial: under way and ended together never exceed it. An ignored or
  /// leaked call gives its permit back.
  std::uint32_t permits = 10;
  /// Ended calls after which the trial is decided; 0 stands for all permits.
  std::uint32_t decide_after = 0;
  Threshold errors{Share::percent(50), Reach::at_least};  ///< Reached: the trial fails.
  std::optional<Threshold> slow{};
  FailTrial fail = FailTrial::at_decision;
  /// A permit not settled for this long counts as returned. Without it a caller that never settles
  /// (crashed, or lost the answer) would keep the breaker half-open for ever, as it keeps
  /// resilience4j with maxWaitDurationInHalfOpenState = 0.
  Duration leak_timeout = std::chrono::minutes{1};
};

enum class TrialVerdict : std::uint8_t { undecided, passed, failed };

/// All verbs are O(1) and allocate nothing; expire() is O(1) per leaked permit, and per outstanding
/// one where the clock went back.
class Trial {
 public:
  explicit Trial(const TrialOptions& options);

  /// All permits are free, nothing has ended. `serial` numbers are never used again by the caller,
  /// so that what earlier trials gave out is known to be old.
  void begin();

  /// The slot of a fresh permit, or nothing where all are used up. `serial` must not be 0. Comes
  /// after expire() with the same `now`.
  [[nodiscard]] std::optional<std::uint32_t> take(Instant now, std::uint64_t serial);

  /// Returns the permit without an outcome. False where it is not outstanding: leaked, or returned
  /// before.
  [[nodiscard]] bool give_back(std::uint32_t slot, std::uint64_t serial);
  /// Returns it with an outcome, which may decide the trial.
  [[nodiscard]] bool end(std::uint32_t slot, std::uint64_t serial, CallSample sample);

  /// Takes back what has been out for the leak timeout; returns how many. Where the clock went
  /// back, what is out counts as taken at the new time at the latest, or it would stay out for the
  /// length of the step.
  std::uint32_t expire(Instant now);
  /// When the oldest outstanding permit leaks; nothing where none is out.
  [[nodiscard]] std::optional<Instant> next_leak() const;

  [[nodiscard]] TrialVerdict verdict() const;
  [[nodiscard]] const CallCounts& counts() const { return ended_; }
  [[nodiscard]] std::uint32_t outstanding() const { return outstanding_; }
  [[nodiscard]] std::uint32_t permits() const { return options_.permits; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  /// Outstanding slots form a list in the order they were taken, free ones another.
  struct Slot {
    std::uint64_t serial = 0;  ///< 0: free.
    Instant taken{};
    std::uint32_t older = kNone;
    std::uint32_t newer = kNone;  ///< Of a free slot: the next free one.
  };

  void release(std::uint32_t slot);
  void move_back(Instant now);
  [[nodiscard]] bool cannot_pass(const Threshold& threshold, std::uint64_t count) const;

  TrialOptions options_;
  std::vector<Slot> slots_;
  std::uint32_t oldest_ = kNone;
  std::uint32_t newest_ = kNone;
  std::uint32_t free_ = kNone;
  std::uint32_t outstanding_ = 0;
  Instant latest_ = Instant::min();  ///< Of this trial's instants.
  CallCounts ended_;
};

}  // namespace windtunnel::breaker
