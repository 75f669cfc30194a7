#include "models/balance/priority_level.hpp"

#include "runtime/check.hpp"

namespace windtunnel::balance {

void PriorityLevel::make_policies(const PolicyWorkshop& workshop) {
  check(parts_.empty(), "a level's policies are made once");
  if (reach_.in_panic) {
    in_panic_ = make_policy(hosts_.believed_in_panic(), workshop);
  }
  whole_ = make_pair(hosts_.healthy(), hosts_.degraded(), workshop);
  for (std::size_t zone = 0; zone < hosts_.zones().size(); ++zone) {
    zones_.push_back(make_pair(hosts_.usable_in(zone, Availability::healthy),
                               hosts_.usable_in(zone, Availability::degraded), workshop));
  }
}

void PriorityLevel::make_turns(std::span<const std::uint32_t> weights,
                               std::uint32_t overprovisioning_percent, RandomStream& random) {
  const std::uint64_t turns_ahead = random.below(16 * hosts_.zones().size() + 1);
  healthy_turns_ = turns_for(Availability::healthy, weights, overprovisioning_percent, turns_ahead);
  degraded_turns_ =
      turns_for(Availability::degraded, weights, overprovisioning_percent, turns_ahead);
}

std::optional<std::size_t> PriorityLevel::take_turn(Availability availability) {
  return availability == Availability::healthy ? healthy_turns_.pick() : degraded_turns_.pick();
}

Policy* PriorityLevel::make_policy(std::span<const Endpoint> endpoints,
                                   const PolicyWorkshop& workshop) {
  if (endpoints.empty()) {
    return nullptr;
  }
  const PolicyInput input{endpoints, workshop.loads,
                          RandomStream{workshop.random.next(), "balance.policy"}, workshop.now};
  parts_.push_back({endpoints, workshop.make(input)});
  check(parts_.back().policy != nullptr, "a policy's factory makes one");
  return parts_.back().policy.get();
}

PriorityLevel::PolicyPair PriorityLevel::make_pair(std::span<const Endpoint> healthy,
                                                   std::span<const Endpoint> degraded,
                                                   const PolicyWorkshop& workshop) {
  PolicyPair pair;
  pair.healthy = reach_.healthy ? make_policy(healthy, workshop) : nullptr;
  pair.degraded = reach_.degraded ? make_policy(degraded, workshop) : nullptr;
  return pair;
}

LocalityScheduler PriorityLevel::turns_for(Availability availability,
                                           std::span<const std::uint32_t> weights,
                                           std::uint32_t overprovisioning_percent,
                                           std::uint64_t turns_ahead) const {
  std::vector<double> effective;
  for (std::size_t zone = 0; zone < hosts_.zones().size(); ++zone) {
    const auto usable = static_cast<std::uint32_t>(hosts_.usable_in(zone, availability).size());
    effective.push_back(effective_locality_weight(weights[zone], usable, hosts_.zones()[zone].hosts,
                                                  overprovisioning_percent));
  }
  return LocalityScheduler{effective, turns_ahead};
}

}  // namespace windtunnel::balance
