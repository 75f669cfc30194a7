#include "models/balance/bounded_load_envoy.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "models/balance/hash_twister.hpp"

namespace windtunnel::balance {

namespace {

/// Uniform in [0, bound), by Envoy's rule.
std::uint32_t below(MersenneTwister& twister, std::uint32_t bound) {
  constexpr std::uint64_t kRange = std::uint64_t{1} << 32;
  const std::uint64_t width = kRange / bound;
  std::uint64_t drawn = bound;
  while (drawn >= bound) {
    drawn = twister.next() / width;
  }
  return static_cast<std::uint32_t>(drawn);
}

}  // namespace

EnvoyLoadBound::EnvoyLoadBound(const std::vector<HashHost>& hosts, std::uint32_t factor)
    : factor_(factor) {
  if (factor_ == 0) {
    return;
  }
  hosts_.reserve(hosts.size());
  for (const HashHost& host : hosts) {
    hosts_.push_back({host.endpoint, host.share});
  }
  order_.resize(hosts.size());
  std::iota(order_.begin(), order_.end(), std::uint32_t{0});
  swapped_.resize(hosts.size());
}

std::size_t EnvoyLoadBound::choose(std::size_t preferred, std::uint64_t hash,
                                   const EndpointLoads& loads) {
  if (factor_ == 0 || overload(preferred, loads) <= 1.0) {
    return preferred;
  }
  return choose_shuffled(preferred, hash, loads);
}

double EnvoyLoadBound::overload(std::size_t host, const EndpointLoads& loads) const {
  const std::uint64_t total_slots = ((loads.total_active() + 1) * factor_ + 99) / 100;
  const double slots = std::ceil(static_cast<double>(total_slots) * hosts_[host].share);
  return loads.active(hosts_[host].endpoint) / std::max(slots, 1.0);
}

std::size_t EnvoyLoadBound::choose_shuffled(std::size_t preferred, std::uint64_t hash,
                                            const EndpointLoads& loads) {
  MersenneTwister twister{static_cast<std::uint32_t>(hash)};
  std::size_t least = preferred;
  double least_overload = overload(preferred, loads);
  std::uint32_t place = 0;
  const auto count = static_cast<std::uint32_t>(order_.size());
  while (place < count && least_overload > 1.0) {
    const std::uint32_t other = place + below(twister, count - place);
    std::swap(order_[place], order_[other]);
    swapped_[place] = other;
    const std::uint32_t host = order_[place++];
    const double load = overload(host, loads);
    if (load < least_overload) {
      least = host;
      least_overload = load;
    }
  }
  // Only what was swapped is put back: a pick costs what it looked at, not the size of the set.
  while (place-- > 0) {
    std::swap(order_[place], order_[swapped_[place]]);
  }
  return least;
}

}  // namespace windtunnel::balance
