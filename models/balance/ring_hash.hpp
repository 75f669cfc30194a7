// Envoy's `ring_hash`: each host stands on a ring of 2^64 at places hashed from its address, in
// number by its weight; a key belongs to the first place at or after its hash. Follows
// ring_hash_lb.cc of Envoy at 0d2acde.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "models/balance/hash_envoy.hpp"
#include "models/balance/hash_hosts.hpp"
#include "models/balance/hash_ring.hpp"

namespace windtunnel::balance {

enum class RingHashFunction : std::uint8_t { xx_hash, murmur_hash_2 };

struct RingHashSpec {
  /// Places on the ring, at least; more where the lightest host would not get a whole number.
  /// gRPC (proposal A42) caps both at 4096.
  std::uint64_t ring_size_min = 1024;
  std::uint64_t ring_size_max = std::uint64_t{8} << 20;
  RingHashFunction function = RingHashFunction::xx_hash;
  EnvoyHashOptions choice;
};

/// The ring itself. A host's places are the hashes of its text, '_' and 0, 1, 2 ...
class RingTable {
 public:
  /// Precondition: ring_size_min <= ring_size_max, at least one.
  RingTable(const RingHashSpec& spec, std::span<const HashHost> hosts);

  /// The owner of the place that `hash` falls to, or of the `selection`-th place after it. O(1)
  /// expected, O(log size) at worst.
  [[nodiscard]] std::size_t choose(std::uint64_t hash, std::uint32_t selection) const {
    const std::size_t place = ring_.at_or_after(hash);
    return ring_[selection == 0 ? place : (place + selection) % ring_.size()].owner;
  }

  [[nodiscard]] const HashRing<std::uint64_t>& ring() const { return ring_; }

 private:
  HashRing<std::uint64_t> ring_;
};

class RingHash final : public EnvoyHashPolicy<RingTable> {
 public:
  RingHash(const RingHashSpec& spec, const PolicyInput& input);

 private:
  RingHash(const RingHashSpec& spec, const std::vector<HashHost>& hosts, const PolicyInput& input);
};

}  // namespace windtunnel::balance
