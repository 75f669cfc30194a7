// One sequence of inputs to a breaker and to its reference, driven in step, with the invariants
// that must hold after each input.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/breaker/breaker.hpp"
#include "tests/models/breaker/reference_breaker.hpp"

namespace windtunnel::breaker {

enum class Input : std::uint8_t {
  admit,
  oldest_succeeds,
  oldest_fails,
  oldest_is_ignored,
  newest_succeeds,
  newest_fails,
  settle_again,  ///< The permit that was settled last, once more.
  wait_a_little,
  wait_open_interval,
  wait_leak_timeout,
  force_open,
  force_closed,
  watch_only,
  release,
};

inline constexpr std::array<std::string_view, 14> kInputNames = {"admit",
                                                                 "oldest succeeds",
                                                                 "oldest fails",
                                                                 "oldest is ignored",
                                                                 "newest succeeds",
                                                                 "newest fails",
                                                                 "settle again",
                                                                 "wait a little",
                                                                 "wait open interval",
                                                                 "wait leak timeout",
                                                                 "force open",
                                                                 "force closed",
                                                                 "watch only",
                                                                 "release"};

class Walk {
 public:
  Walk();

  /// False where the input makes no sense now: there is nothing to settle.
  bool apply(Input input);

  /// The first invariant that the latest input broke; empty where all hold.
  [[nodiscard]] std::string_view breach() const { return breach_; }
  [[nodiscard]] std::uint64_t transitions() const { return transitions_; }

  /// Everything the future depends on, with times as ages that stop counting where they stop
  /// mattering. Walks with equal keys behave alike from here on.
  [[nodiscard]] std::string key() const;

 private:
  struct Held {
    Permit permit;
    std::size_t reference = 0;
  };
  enum class Which : std::uint8_t { oldest, newest };

  bool dispatch(Input input);
  void admit();
  bool settle_held(Which which, Outcome outcome);
  bool settle(const Held& held, Outcome outcome);
  bool wait(Duration span);
  bool force(Force target, State state);

  void check_transitions(State before, Generation generation);
  void check_agreement();
  void check_permits();
  void check_free(Breaker& breaker, Instant now);
  void expect(bool holds, std::string_view invariant);
  void add_permit(std::string& key, const Held& held) const;

  Breaker breaker_;
  ReferenceBreaker reference_;
  Instant now_{};
  std::vector<Held> held_;  ///< Permits not yet settled, the oldest first.
  std::optional<Held> last_;
  std::string_view breach_;
  std::uint64_t transitions_ = 0;
};

}  // namespace windtunnel::breaker
