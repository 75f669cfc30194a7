#include "models/balance/ring_hash.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "models/balance/hash_murmur2.hpp"
#include "models/balance/xx_hash.hpp"
#include "runtime/check.hpp"

namespace windtunnel::balance {

namespace {

/// Places per unit of share: the lightest host gets a whole number of them if the ring may grow so.
double scale_of(const RingHashSpec& spec, std::span<const HashHost> hosts) {
  double share_min = 1.0;
  for (const HashHost& host : hosts) {
    share_min = std::min(share_min, host.share);
  }
  return std::min(std::ceil(share_min * static_cast<double>(spec.ring_size_min)) / share_min,
                  static_cast<double>(spec.ring_size_max));
}

HashRing<std::uint64_t> ring_of(const RingHashSpec& spec, std::span<const HashHost> hosts) {
  check(spec.ring_size_min <= spec.ring_size_max, "a ring's least size is above its greatest");
  check(spec.ring_size_max > 0, "a ring has at least one place");
  const double scale = scale_of(spec, hosts);
  std::vector<HashRing<std::uint64_t>::Point> points;
  // Both are running sums over all hosts, so that fractions of a place are not lost: the ring's
  // size is the scale, and a host's count is off by less than one.
  double placed = 0;
  double due = 0;
  std::string text;
  for (std::uint32_t host = 0; host < hosts.size(); ++host) {
    due += scale * hosts[host].share;
    for (std::uint64_t place = 0; placed < due; ++place, ++placed) {
      text.assign(hosts[host].text).append(1, '_').append(std::to_string(place));
      const bool murmur = spec.function == RingHashFunction::murmur_hash_2;
      points.push_back({murmur ? murmur2_hash64(text) : xx_hash64(text), host});
    }
  }
  return {std::move(points), EqualPoints::keep};
}

}  // namespace

RingTable::RingTable(const RingHashSpec& spec, std::span<const HashHost> hosts)
    : ring_(ring_of(spec, hosts)) {}

RingHash::RingHash(const RingHashSpec& spec, const PolicyInput& input)
    : RingHash(spec, hash_hosts_of(input.endpoints), input) {}

RingHash::RingHash(const RingHashSpec& spec, const std::vector<HashHost>& hosts,
                   const PolicyInput& input)
    : EnvoyHashPolicy(RingTable{spec, hosts}, hosts, spec.choice, input) {}

}  // namespace windtunnel::balance
