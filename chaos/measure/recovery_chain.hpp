// Where the recovery time went: five parts in the order in which a control plane comes back. They
// add up to the recovery time exactly, to the nanosecond.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "chaos/measure/fault_group.hpp"
#include "chaos/measure/measure_value.hpp"
#include "chaos/measure/succession.hpp"

namespace windtunnel::chaos {

/// Why a part is shorter than what happened, or zero.
enum class ChainNote : std::uint8_t {
  complete,       ///< The part ends where its event happened.
  did_not_occur,  ///< No such event in the window; the part is zero.
  came_earlier,   ///< The event happened before the previous one; the part is zero.
  came_later,     ///< The event happened after recovery; the part ends with the recovery.
};

struct ChainPart {
  std::string_view name;
  Duration length{};
  ChainNote note = ChainNote::complete;
};

struct RecoveryChain {
  /// detect: fault → first candidacy. elect: → new leader. propagate: → first commit of the new
  /// term. reconnect: → first success of an operation invoked after the fault. sustain: →
  /// recovered.
  std::array<ChainPart, 5> parts;

  /// False where the service did not recover, or nobody can tell: the parts then add up to the
  /// fault's whole window.
  bool recovered = false;

  [[nodiscard]] Duration total() const;
};

inline constexpr std::array<std::string_view, 5> chain_part_names = {"detect", "elect", "propagate",
                                                                     "reconnect", "sustain"};

[[nodiscard]] RecoveryChain recovery_chain(const FaultGroup& group, const Succession& succession,
                                           std::optional<TrueInstant> first_success_at,
                                           const MeasureValue& recovery_time);

[[nodiscard]] std::string_view to_string(ChainNote note);

}  // namespace windtunnel::chaos
