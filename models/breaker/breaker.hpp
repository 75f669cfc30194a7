// A circuit breaker as a plain state machine. Calls ask to be admitted and report how they ended;
// time comes in with every call. Services that wrap it bring the clock, the timeouts and the
// journal.
#pragma once

#include <cstdint>
#include <optional>

#include "models/breaker/open_interval.hpp"
#include "models/breaker/outcome.hpp"
#include "models/breaker/outcome_window.hpp"
#include "models/breaker/permit.hpp"
#include "models/breaker/transition.hpp"
#include "models/breaker/transition_log.hpp"
#include "models/breaker/trial.hpp"
#include "models/breaker/triggers.hpp"
#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::breaker {

/// The defaults are resilience4j's but for what trips: a breaker without triggers never opens.
struct BreakerOptions {
  WindowOptions window;
  Triggers triggers;
  /// A call that took longer than this is slow.
  Duration slow_call = std::chrono::seconds{60};
  OpenIntervalOptions open;
  TrialOptions trial;
};

/// States an operator can ask for; they last until release().
enum class Force : std::uint8_t { open, closed, metrics_only };

/// Everything that ever happened to one breaker.
struct BreakerTotals {
  std::uint64_t admitted = 0;
  std::uint64_t refused = 0;
  std::uint64_t settled = 0;
  std::uint64_t stale = 0;
  std::uint64_t leaked = 0;      ///< Trial permits taken back after the leak timeout.
  std::uint64_t would_trip = 0;  ///< Times that metrics_only would have opened.
  friend bool operator==(const BreakerTotals&, const BreakerTotals&) = default;
};

/// The transitions are
///
///   closed → open                a trigger is met
///   open → half_open             the open interval is over; found by the next call of any verb
///   half_open → closed, open     the trial is decided
///   any → forced_*, metrics_only   force()
///   any → closed                 release()
///
/// and each clears the window and begins a generation. Settling a permit of an earlier generation
/// changes nothing but the count of stale ones. The clock may go back: an open interval and a leak
/// timeout then begin again at the new time, and a window of time ages from there.
///
/// admit() and settle() are O(1) and allocate nothing.
class Breaker {
 public:
  Breaker(const BreakerOptions& options, RandomStream random);

  /// Whether a call may be made now. A permit is to be settled once.
  [[nodiscard]] Admission admit(Instant now);

  /// The call has ended at `now`. How long it took decides whether it was slow. A permit is settled
  /// once: only a trial remembers which permits are out and notices a second time.
  Settlement settle(Instant now, const Permit& permit, Outcome outcome);

  /// What time alone changes: the end of the open interval, leaked permits. Done by the verbs above
  /// as well; needed only where state() has to be right without a call.
  void advance(Instant now);
  /// When advance() will next change something; nothing where time alone changes nothing.
  [[nodiscard]] std::optional<Instant> next_deadline() const;

  void force(Instant now, Force target);
  /// Back to closed, from whatever state.
  void release(Instant now);

  /// As of the latest verb.
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] Generation generation() const { return generation_; }
  /// The window of `closed` or `metrics_only`, empty in other states.
  [[nodiscard]] CallCounts counts(Instant now) { return window_.counts(now); }
  [[nodiscard]] std::uint64_t consecutive_errors() const { return errors_in_row_; }
  [[nodiscard]] const Trial& trial() const { return trial_; }
  [[nodiscard]] std::uint32_t trips_in_row() const { return interval_.openings(); }
  [[nodiscard]] const BreakerTotals& totals() const { return totals_; }

  /// The oldest transition not yet taken.
  [[nodiscard]] std::optional<Transition> take_transition() { return log_.take(); }
  [[nodiscard]] std::uint64_t transitions_lost() const { return log_.lost(); }

 private:
  [[nodiscard]] Permit grant(Instant now, std::uint32_t slot);
  [[nodiscard]] Refusal refuse();
  [[nodiscard]] CallSample sample_of(Instant now, const Permit& permit, Outcome outcome) const;
  void count(Instant now, CallSample sample);
  [[nodiscard]] bool settle_trial(Instant now, const Permit& permit, Outcome outcome);
  void enter(Instant now, State target, Cause cause, const CallCounts& decided_by);
  void open(Instant now, Cause cause, const CallCounts& decided_by);

  BreakerOptions options_;
  RandomStream random_;
  OutcomeWindow window_;
  Trial trial_;
  OpenInterval interval_;
  TransitionLog log_;
  State state_ = State::closed;
  Generation generation_{};
  std::uint64_t next_serial_ = 1;
  std::uint64_t errors_in_row_ = 0;
  bool would_trip_now_ = false;  ///< In metrics_only: a trigger is met since the last judgement.
  Instant opened_{};
  Duration open_for_{};
  BreakerTotals totals_;
};

}  // namespace windtunnel::breaker
