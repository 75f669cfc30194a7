// A hybrid logical clock (Kulkarni, Demirbas, Madappa, Avva, Leone, "Logical Physical Clocks and
// Consistent Snapshots in Globally Distributed Databases", 2014, figure 5): timestamps that respect
// causality like Lamport's and stay as near to the wall clock as the clocks are to each other.
//
// What the paper leaves to its section on resilience is here a rule, as CockroachDB has it: a
// remote timestamp too far ahead of the wall clock is refused, so that one wrong clock cannot drag
// all others with it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "runtime/instant.hpp"

namespace windtunnel::replica {

/// A timestamp: the paper's l and c.
struct HybridTime {
  WallInstant wall{};
  std::uint32_t logical = 0;
  friend auto operator<=>(const HybridTime&, const HybridTime&) = default;
};
BOOST_DESCRIBE_STRUCT(HybridTime, (), (wall, logical))

/// By what a write is stamped: `hybrid` respects what the replica has seen; `wall` is its wall
/// clock alone, as many products have it, kept only from going back.
enum class StampKind : std::uint8_t { hybrid, wall };
BOOST_DESCRIBE_ENUM(StampKind, hybrid, wall)

class HybridClock {
 public:
  /// A remote timestamp may be ahead of the wall clock by `ahead_max`.
  explicit HybridClock(Duration ahead_max) : ahead_max_(ahead_max) {}

  /// The timestamp of a local event or of a message that is sent. Greater than any before, also
  /// where the wall clock was set back.
  [[nodiscard]] HybridTime stamp(WallInstant now);
  /// The timestamp of receiving a message that was stamped `remote`, greater than both; nothing,
  /// and the clock is as before, where that is too far ahead.
  [[nodiscard]] std::optional<HybridTime> receive(WallInstant now, const HybridTime& remote);

  /// From before a restart: whatever is stamped from now on is greater.
  void restore(const HybridTime& before);

  [[nodiscard]] const HybridTime& latest() const { return latest_; }

 private:
  Duration ahead_max_;
  HybridTime latest_{WallInstant::min(), 0};
};

}  // namespace windtunnel::replica
