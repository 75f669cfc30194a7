// One call sent to several endpoints, each copy a little later than the one before, until one
// answers (J. Dean and L. A. Barroso, "The Tail at Scale", CACM 2013; rules of gRPC A6, "Hedging
// Policy"). The caller sends and cancels as told; where a copy goes is the balancer's business,
// with PreviousHosts to keep copies apart.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "models/retry/budget.hpp"
#include "models/retry/deadline.hpp"
#include "models/retry/outcome.hpp"

namespace windtunnel::retry {

struct HedgingOptions {
  /// More than Hedging::kAttemptsMax count as that many (A6, "Limits on Retries and Hedges").
  std::uint32_t attempts_max = 4;
  Duration delay = std::chrono::milliseconds{500};  ///< Zero sends all copies at once.
  /// Failures of one copy that the others may yet make good.
  OutcomeSet non_fatal{AttemptOutcome::refused, AttemptOutcome::unavailable,
                       AttemptOutcome::timed_out};
};

struct SendAttempt {
  std::uint32_t attempt = 0;  ///< From 0.
  friend bool operator==(const SendAttempt&, const SendAttempt&) = default;
};
struct CancelAttempt {
  std::uint32_t attempt = 0;
  friend bool operator==(const CancelAttempt&, const CancelAttempt&) = default;
};
enum class HedgedResult : std::uint8_t { succeeded, failed, deadline };
/// The call is over; `attempt` is the one whose answer counts, the last one's on failure.
struct Finish {
  HedgedResult result{};
  std::uint32_t attempt = 0;
  friend bool operator==(const Finish&, const Finish&) = default;
};
using HedgingAction = std::variant<SendAttempt, CancelAttempt, Finish>;

/// Inputs come in with their time; what to do comes back, valid until the next input. Nothing is
/// allocated.
class Hedging {
 public:
  static constexpr std::uint32_t kAttemptsMax = 5;
  using Actions = std::span<const HedgingAction>;

  /// `options` and `budget` outlive the call. The budget is asked for every copy but the first;
  /// once it refuses, no more are sent.
  Hedging(const HedgingOptions& options, Deadline deadline, Budget* budget);
  Hedging(const Hedging&) = delete;
  Hedging& operator=(const Hedging&) = delete;

  [[nodiscard]] Actions start(Instant now);
  /// Due at next_timer(); earlier calls do nothing.
  [[nodiscard]] Actions on_timer(Instant now);
  /// An answer to one copy. Those that arrive after a copy was cancelled are ignored.
  [[nodiscard]] Actions on_result(Instant now, std::uint32_t attempt, const AttemptEnd& end);

  /// When on_timer() is due; Instant::max() for never.
  [[nodiscard]] Instant next_timer() const;
  [[nodiscard]] bool is_finished() const { return is_finished_; }
  [[nodiscard]] std::uint32_t attempts_sent() const { return sent_; }

 private:
  enum class State : std::uint8_t { unsent, under_way, ended };

  void act(HedgingAction action);
  void send_first(Instant now);
  void send_hedge(Instant now, AttemptOutcome cause);
  void send_what_is_due(Instant now);
  void after_non_fatal(Instant now, std::uint32_t attempt, const AttemptEnd& end);
  void finish(Instant now, HedgedResult result, std::uint32_t attempt);
  void end_attempt(Instant now, std::uint32_t attempt, const AttemptEnd& end);
  [[nodiscard]] bool is_any_under_way() const;
  [[nodiscard]] bool has_hedges_left() const { return sent_ < attempts_max_; }
  [[nodiscard]] Actions actions() const { return std::span{actions_}.first(action_count_); }

  const HedgingOptions& options_;
  Deadline deadline_;
  Budget* budget_;
  std::uint32_t attempts_max_;  ///< Falls to what was sent once no more may be.
  std::uint32_t sent_ = 0;
  Instant next_hedge_ = Instant::max();
  bool is_finished_ = false;
  std::array<State, kAttemptsMax> states_{};
  std::array<std::optional<Withdrawal>, kAttemptsMax> withdrawals_{};
  // Every attempt is sent and cancelled at most once, then the end.
  std::array<HedgingAction, 2 * kAttemptsMax + 1> actions_{};
  std::size_t action_count_ = 0;
};

}  // namespace windtunnel::retry
