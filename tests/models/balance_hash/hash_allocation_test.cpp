// This program replaces the global operator new to count: picking allocates nothing.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/balance/bounded_load.hpp"
#include "models/balance/hash_haproxy_map.hpp"
#include "models/balance/hash_haproxy_ring.hpp"
#include "models/balance/hash_nginx.hpp"
#include "models/balance/ketama.hpp"
#include "models/balance/maglev.hpp"
#include "models/balance/rendezvous.hpp"
#include "models/balance/ring_hash.hpp"
#include "tests/models/balance_hash/host_set.hpp"
#include "tests/sim/counted_allocations.hpp"

namespace windtunnel::balance {
namespace {

std::vector<std::unique_ptr<Policy>> policies_over(const HostSet& hosts) {
  RingHashSpec ring;
  ring.choice.balance_factor = 110;
  MaglevSpec maglev;
  maglev.choice.balance_factor = 110;
  HaproxyRingSpec haproxy;
  haproxy.balance_factor = 110;
  std::vector<std::unique_ptr<Policy>> policies;
  policies.push_back(std::make_unique<RingHash>(ring, hosts.input()));
  policies.push_back(std::make_unique<Maglev>(maglev, hosts.input()));
  policies.push_back(std::make_unique<Ketama>(KetamaSpec{}, hosts.input()));
  policies.push_back(std::make_unique<NginxHash>(NginxHashSpec{}, hosts.input()));
  policies.push_back(std::make_unique<HaproxyRing>(haproxy, hosts.input()));
  policies.push_back(std::make_unique<HaproxyMap>(HaproxyMapSpec{}, hosts.input()));
  policies.push_back(std::make_unique<BoundedLoad>(BoundedLoadSpec{}, hosts.input()));
  policies.push_back(std::make_unique<Rendezvous>(RendezvousSpec{}, hosts.input()));
  return policies;
}

TEST(HashPolicies, AllocateNothingWhenTheyPick) {
  HostSet hosts = hosts_in(0, 50);
  std::vector<std::string> keys;
  for (int key = 0; key < 500; ++key) {
    keys.push_back("a key too long for a string's own buffer, number " + std::to_string(key));
  }
  keys.emplace_back();
  for (const auto& policy : policies_over(hosts)) {
    const std::uint64_t before = counted_allocations();
    std::vector<EndpointId>::size_type began = 0;
    for (const std::string& key : keys) {
      const EndpointId first{picked(*policy, with_key(key))};
      PickRequest retry = with_key(key);
      retry.attempt = 1;
      retry.tried = {&first, 1};
      static_cast<void>(policy->pick({}, retry));
      // Loads grow on the first of each choice, so that bounds come to bear.
      hosts.loads().begin(first);
      ++began;
    }
    EXPECT_EQ(counted_allocations(), before);
    EXPECT_EQ(began, keys.size());
  }
}

}  // namespace
}  // namespace windtunnel::balance
