// What a fault does to the network while it lasts: blocks, delays or loses what passes between two
// sets of hosts. Conditions overlap and compose: delays add, losses multiply as 1 - (1-p)(1-q), any
// block blocks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/distribution.hpp"
#include "runtime/id.hpp"
#include "runtime/random.hpp"

namespace windtunnel::sim {

/// A set of hosts, as one flag per host id.
class HostSet {
 public:
  HostSet() = default;
  HostSet(std::size_t host_count, const std::vector<HostId>& hosts) : members_(host_count, false) {
    for (const HostId host : hosts) {
      members_[host.value()] = true;
    }
  }
  [[nodiscard]] bool contains(HostId host) const {
    return host.value() < members_.size() && members_[host.value()];
  }

 private:
  std::vector<bool> members_;
};

/// Nothing passes. `drop` is silence; `reject` answers a sender at once with a reset.
struct Block {
  enum class Manner : std::uint8_t { drop, reject };
  Manner manner = Manner::drop;
};

/// Everything takes longer by a draw from `by`.
struct AddedDelay {
  DurationDistribution by;
};

/// Each packet is lost with this probability, on top of what the links lose.
struct AddedLoss {
  Probability probability;
};

using Effect = std::variant<Block, AddedDelay, AddedLoss>;

/// Which of the two directions between two sets of hosts a condition applies to.
enum class Reach : std::uint8_t { one_way, both_ways };

/// Applies to what `from` sends to `to` and, both ways, to what `to` sends to `from`.
struct Condition {
  std::string purpose;  ///< Names the condition's random stream.
  HostSet from;
  HostSet to;
  Reach reach = Reach::one_way;
  Effect effect;

  [[nodiscard]] bool applies(HostId sender, HostId receiver) const {
    return (from.contains(sender) && to.contains(receiver)) ||
           (reach == Reach::both_ways && to.contains(sender) && from.contains(receiver));
  }
};

using ConditionId = Id<struct ConditionTag>;

/// What a condition has altered so far.
struct ConditionImpact {
  std::uint64_t touched = 0;
  std::optional<TrueInstant> first_touched_at;
};

}  // namespace windtunnel::sim
