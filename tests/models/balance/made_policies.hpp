// Every policy of this folder by name, with its default settings.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/balance/envoy_least_request.hpp"
#include "models/balance/envoy_round_robin.hpp"
#include "models/balance/grpc_weighted_round_robin.hpp"
#include "models/balance/haproxy_least_conn.hpp"
#include "models/balance/haproxy_random.hpp"
#include "models/balance/haproxy_round_robin.hpp"
#include "models/balance/nginx_least_conn.hpp"
#include "models/balance/nginx_random.hpp"
#include "models/balance/nginx_round_robin.hpp"
#include "models/balance/peak_ewma.hpp"
#include "models/balance/power_of_choices.hpp"
#include "models/balance/prequal.hpp"
#include "models/balance/random_choice.hpp"
#include "tests/models/balance/made_endpoints.hpp"

namespace windtunnel::balance {

using PolicyMaker = std::function<std::unique_ptr<Policy>(const PolicyInput&)>;

template <typename PolicyType, typename Spec>
PolicyMaker policy_maker(Spec spec) {
  return [spec](const PolicyInput& input) { return std::make_unique<PolicyType>(spec, input); };
}

inline const std::map<std::string, PolicyMaker>& policy_makers() {
  static const std::map<std::string, PolicyMaker> makers{
      {"envoy_full_scan", policy_maker<EnvoyLeastRequest>(
                              EnvoyLeastRequestSpec{.selection = EnvoySelection::full_scan})},
      {"envoy_least_request", policy_maker<EnvoyLeastRequest>(EnvoyLeastRequestSpec{})},
      {"envoy_round_robin", policy_maker<EnvoyRoundRobin>(EnvoySpec{})},
      {"grpc_weighted_round_robin",
       policy_maker<GrpcWeightedRoundRobin>(GrpcWeightedRoundRobinSpec{})},
      {"haproxy_least_conn", policy_maker<HaproxyLeastConn>(HaproxyLeastConnSpec{})},
      {"haproxy_random", policy_maker<HaproxyRandom>(HaproxyRandomSpec{})},
      {"haproxy_round_robin", policy_maker<HaproxyRoundRobin>(HaproxyRoundRobinSpec{})},
      {"nginx_least_conn", policy_maker<NginxLeastConn>(NginxSpec{})},
      {"nginx_random_two", policy_maker<NginxRandom>(NginxRandomSpec{})},
      {"nginx_round_robin", policy_maker<NginxRoundRobin>(NginxSpec{})},
      {"peak_ewma", policy_maker<PeakEwma>(PeakEwmaSpec{})},
      {"power_of_choices", policy_maker<PowerOfChoices>(PowerOfChoicesSpec{})},
      {"prequal", policy_maker<Prequal>(PrequalSpec{})},
      {"random", policy_maker<RandomChoice>(RandomChoiceSpec{})},
  };
  return makers;
}

inline std::vector<std::string> policy_names() {
  std::vector<std::string> names;
  for (const auto& [name, maker] : policy_makers()) {
    names.push_back(name);
  }
  return names;
}

inline std::unique_ptr<Policy> make_policy(const std::string& name, const PolicyInput& input) {
  return policy_makers().at(name)(input);
}

}  // namespace windtunnel::balance
