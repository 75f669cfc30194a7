// What models/balance/policy.hpp asks of every policy, over arbitrary sets, loads and requests.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "models/balance/bounded_load.hpp"
#include "models/balance/hash_haproxy_map.hpp"
#include "models/balance/hash_haproxy_ring.hpp"
#include "models/balance/hash_nginx.hpp"
#include "models/balance/ketama.hpp"
#include "models/balance/maglev.hpp"
#include "models/balance/rendezvous.hpp"
#include "models/balance/ring_hash.hpp"
#include "tests/models/balance_hash/host_set.hpp"

namespace windtunnel::balance {
namespace {

/// What a policy promises beyond picking from its set.
enum class Retries : std::uint8_t { may_repeat, go_elsewhere, go_elsewhere_or_nowhere };

struct Candidate {
  std::unique_ptr<Policy> policy;
  Retries retries = Retries::may_repeat;
};

std::vector<Candidate> candidates(const HostSet& hosts) {
  const PolicyInput input = hosts.input();
  RingHashSpec ring;
  ring.choice.balance_factor = 120;
  MaglevSpec maglev;
  maglev.table_size = 251;
  HaproxyRingSpec haproxy;
  haproxy.balance_factor = 120;
  std::vector<Candidate> made;
  made.push_back({std::make_unique<RingHash>(ring, input), Retries::may_repeat});
  made.push_back({std::make_unique<Maglev>(maglev, input), Retries::may_repeat});
  made.push_back({std::make_unique<HaproxyRing>(haproxy, input), Retries::may_repeat});
  made.push_back({std::make_unique<HaproxyMap>(HaproxyMapSpec{}, input), Retries::may_repeat});
  made.push_back({std::make_unique<Rendezvous>(RendezvousSpec{}, input), Retries::go_elsewhere});
  made.push_back({std::make_unique<Ketama>(KetamaSpec{}, input), Retries::go_elsewhere_or_nowhere});
  made.push_back(
      {std::make_unique<NginxHash>(NginxHashSpec{}, input), Retries::go_elsewhere_or_nowhere});
  made.push_back({std::make_unique<BoundedLoad>(BoundedLoadSpec{}, input), Retries::may_repeat});
  return made;
}

HostSet arbitrary_hosts() {
  HostSet hosts;
  const auto weights = *rc::gen::resize(
      12, rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange<std::uint32_t>(0, 7)));
  for (const std::uint32_t weight : weights) {
    hosts.add("host-" + std::to_string(hosts.size()) + ":80", weight);
    const auto busy = *rc::gen::inRange(0, 5);
    for (int request = 0; request < busy; ++request) {
      hosts.loads().begin(EndpointId{static_cast<std::uint32_t>(hosts.size() - 1)});
    }
  }
  return hosts;
}

RC_GTEST_PROP(HashPolicies, PickSomebodyOfTheSetWheneverThereIsSomebody, ()) {
  HostSet hosts = arbitrary_hosts();
  const auto has_weight = [](const Endpoint& endpoint) { return endpoint.weight > 0; };
  const bool somebody = std::any_of(hosts.endpoints().begin(), hosts.endpoints().end(), has_weight);
  for (const Candidate& candidate : candidates(hosts)) {
    for (const std::string key : {"", "a", "some longer key"}) {
      const auto picked = candidate.policy->pick({}, with_key(key));
      RC_ASSERT(picked.has_value() == somebody);
      if (picked) {
        RC_ASSERT(hosts[picked->value()].weight > 0);
      }
    }
  }
}

RC_GTEST_PROP(HashPolicies, PickTheSameForTheSameRequestUnderTheSameLoad, ()) {
  const HostSet hosts = arbitrary_hosts();
  const auto key = *rc::gen::nonEmpty(rc::gen::string<std::string>());
  const std::vector<Candidate> once = candidates(hosts);
  const std::vector<Candidate> again = candidates(hosts);
  for (std::size_t i = 0; i < once.size(); ++i) {
    const auto first = once[i].policy->pick({}, with_key(key));
    // The second policy has other requests behind it.
    for (const std::string other : {"x", "y", "z"}) {
      static_cast<void>(again[i].policy->pick({}, with_key(other)));
    }
    RC_ASSERT(once[i].policy->pick({}, with_key(key)) == first);
    RC_ASSERT(again[i].policy->pick({}, with_key(key)) == first);
  }
}

RC_GTEST_PROP(HashPolicies, AvoidTriedEndpointsIfTheyPromiseTo, ()) {
  HostSet hosts = arbitrary_hosts();
  std::vector<EndpointId> tried;
  std::size_t untried = 0;
  for (const Endpoint& endpoint : hosts.endpoints()) {
    if (*rc::gen::arbitrary<bool>()) {
      tried.push_back(endpoint.id);
    } else {
      untried += endpoint.weight > 0 ? 1U : 0U;
    }
  }
  const auto key = *rc::gen::nonEmpty(rc::gen::string<std::string>());
  PickRequest request = with_key(key);
  request.tried = tried;
  for (const Candidate& candidate : candidates(hosts)) {
    const auto picked = candidate.policy->pick({}, request);
    if (picked && untried > 0 && candidate.retries != Retries::may_repeat) {
      RC_ASSERT(std::find(tried.begin(), tried.end(), *picked) == tried.end());
    }
    const bool found = picked.has_value() || untried == 0;
    RC_ASSERT(found);
  }
}

}  // namespace
}  // namespace windtunnel::balance
