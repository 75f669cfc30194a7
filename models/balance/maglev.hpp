// Envoy's `maglev`: a table of prime size in which hosts take turns at their own permutations of
// the slots, so that shares are even to within a slot and a pick is one look (Eisenbud et al.,
// "Maglev", NSDI 2016, section 3.4). Follows maglev_lb.cc of Envoy at 104df3d.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/balance/hash_envoy.hpp"
#include "models/balance/hash_hosts.hpp"

namespace windtunnel::balance {

struct MaglevSpec {
  /// Slots; a prime, and some hundred times the number of hosts.
  std::uint32_t table_size = 65537;
  EnvoyHashOptions choice;
};

/// The table itself. Hosts take turns in the order of their texts, not of their listing.
class MaglevTable {
 public:
  /// Precondition: `spec.table_size` is prime. Expected cost: O(slots · log slots).
  MaglevTable(const MaglevSpec& spec, std::span<const HashHost> hosts);

  /// A selection after the first flips most bits of the hash, as Envoy does: it falls anywhere, on
  /// the same host again too.
  [[nodiscard]] std::size_t choose(std::uint64_t hash, std::uint32_t selection) const {
    const std::uint64_t flipped = selection == 0 ? 0 : ~std::uint64_t{0} - selection + 1;
    return slots_[static_cast<std::size_t>((hash ^ flipped) % slots_.size())];
  }

  /// Of each slot its host's index.
  [[nodiscard]] std::span<const std::uint32_t> slots() const { return slots_; }

 private:
  std::vector<std::uint32_t> slots_;
};

class Maglev final : public EnvoyHashPolicy<MaglevTable> {
 public:
  Maglev(const MaglevSpec& spec, const PolicyInput& input);

 private:
  Maglev(const MaglevSpec& spec, const std::vector<HashHost>& hosts, const PolicyInput& input);
};

}  // namespace windtunnel::balance
