#include "models/balance/maglev.hpp"

#include <algorithm>
#include <limits>

#include "models/balance/xx_hash.hpp"
#include "runtime/check.hpp"

namespace windtunnel::balance {

namespace {

constexpr std::uint32_t kFree = std::numeric_limits<std::uint32_t>::max();

bool is_prime(std::uint32_t number) {
  for (std::uint64_t divisor = 2; divisor * divisor <= number; ++divisor) {
    if (number % divisor == 0) {
      return false;
    }
  }
  return number >= 2;
}

/// One host's walk through its permutation of the slots.
struct Walk {
  std::uint32_t host = 0;
  double share = 0;
  double due = 0;  ///< It takes a slot in the rounds in which its share times the round reaches it.
  std::uint64_t slot = 0;
  std::uint64_t skip = 0;
};

std::vector<Walk> walks_of(std::span<const HashHost> hosts, std::uint32_t size) {
  std::vector<Walk> walks;
  walks.reserve(hosts.size());
  for (std::uint32_t host = 0; host < hosts.size(); ++host) {
    walks.push_back({host, hosts[host].share, 0, xx_hash64(hosts[host].text) % size,
                     xx_hash64(hosts[host].text, 1) % (size - 1) + 1});
  }
  std::stable_sort(walks.begin(), walks.end(), [hosts](const Walk& left, const Walk& right) {
    return hosts[left.host].text < hosts[right.host].text;
  });
  return walks;
}

/// Steps on to the first free slot and takes it. There must be one: size is prime, so the walk
/// passes all.
void take_slot(Walk& walk, std::vector<std::uint32_t>& slots) {
  const auto step = [&walk, size = slots.size()] {
    walk.slot += walk.skip;
    walk.slot -= walk.slot >= size ? size : 0;
  };
  while (slots[walk.slot] != kFree) {
    step();
  }
  slots[walk.slot] = walk.host;
  step();
}

}  // namespace

MaglevTable::MaglevTable(const MaglevSpec& spec, std::span<const HashHost> hosts) {
  check(is_prime(spec.table_size), "the size of a Maglev table must be prime");
  if (hosts.empty()) {
    return;
  }
  slots_.assign(spec.table_size, kFree);
  std::vector<Walk> walks = walks_of(hosts, spec.table_size);
  const double share_max =
      std::max_element(hosts.begin(), hosts.end(), [](const HashHost& left, const HashHost& right) {
        return left.share < right.share;
      })->share;
  std::size_t taken = 0;
  for (std::uint32_t round = 1; taken < slots_.size(); ++round) {
    for (auto walk = walks.begin(); walk != walks.end() && taken < slots_.size(); ++walk) {
      // The heaviest host takes a slot in each round, one of a third of its weight in each third.
      if (round * walk->share < walk->due) {
        continue;
      }
      walk->due += share_max;
      take_slot(*walk, slots_);
      ++taken;
    }
  }
}

Maglev::Maglev(const MaglevSpec& spec, const PolicyInput& input)
    : Maglev(spec, hash_hosts_of(input.endpoints), input) {}

Maglev::Maglev(const MaglevSpec& spec, const std::vector<HashHost>& hosts, const PolicyInput& input)
    : EnvoyHashPolicy(MaglevTable{spec, hosts}, hosts, spec.choice, input) {}

}  // namespace windtunnel::balance
