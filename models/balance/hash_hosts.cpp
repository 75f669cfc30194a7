#include "models/balance/hash_hosts.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "runtime/check.hpp"

namespace windtunnel::balance {

std::string_view hash_text_of(const Endpoint& endpoint) {
  constexpr std::string_view kLabel = "hash_key";
  const auto label =
      std::lower_bound(endpoint.labels.begin(), endpoint.labels.end(), kLabel,
                       [](const auto& entry, std::string_view key) { return entry.first < key; });
  const bool found = label != endpoint.labels.end() && label->first == kLabel;
  return found ? std::string_view{label->second} : std::string_view{endpoint.address};
}

std::vector<HashHost> hash_hosts_of(std::span<const Endpoint> endpoints) {
  std::uint64_t total = 0;
  for (const Endpoint& endpoint : endpoints) {
    total += endpoint.weight;
  }
  check(total <= std::numeric_limits<std::uint32_t>::max(), "weights add up to more than 32 bits");
  std::vector<HashHost> hosts;
  hosts.reserve(endpoints.size());
  for (const Endpoint& endpoint : endpoints) {
    if (endpoint.weight > 0) {
      hosts.push_back({endpoint.id, hash_text_of(endpoint),
                       static_cast<double>(endpoint.weight) / static_cast<double>(total)});
    }
  }
  return hosts;
}

}  // namespace windtunnel::balance
