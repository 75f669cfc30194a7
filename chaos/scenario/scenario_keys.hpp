// The keys that each block of a scenario knows: the one list behind "unknown key", "did you mean"
// and the test that compares them with the JSON Schema.
#pragma once

#include <span>
#include <string_view>

namespace windtunnel::chaos {

/// A kind of JSON object. `block` is also the name of its definition in
/// scenarios/scenario.schema.json.
struct KeySet {
  std::string_view block;
  std::span<const std::string_view> keys;
};

namespace keys {

extern const KeySet scenario;
extern const KeySet topology;
extern const KeySet host;
extern const KeySet clock;
extern const KeySet latencies;
extern const KeySet bandwidths;
extern const KeySet losses;
extern const KeySet control_plane;
extern const KeySet raft;
extern const KeySet load;
extern const KeySet retry;
extern const KeySet config;
extern const KeySet registry;
extern const KeySet service;
extern const KeySet policy;
extern const KeySet balance;
extern const KeySet route_retry;
extern const KeySet breaker;
extern const KeySet outlier;
extern const KeySet rate_limit;
extern const KeySet hedge;
extern const KeySet adaptive_concurrency;
extern const KeySet throttle;
extern const KeySet health_check;
extern const KeySet quota;
extern const KeySet locality;
extern const KeySet bulkhead;
extern const KeySet route_admission;
extern const KeySet fault;
extern const KeySet expectation;
extern const KeySet recovery;
extern const KeySet distribution;
extern const KeySet lognormal;
extern const KeySet version;
extern const KeySet canary;
extern const KeySet step;
extern const KeySet analysis;
extern const KeySet balance_recovery;
extern const KeySet rate_point;
extern const KeySet arrivals;
extern const KeySet bursty;
extern const KeySet request_keys;
extern const KeySet call;
extern const KeySet warm_up;
extern const KeySet pauses;
extern const KeySet admission;
extern const KeySet replication;
extern const KeySet replication_load;
extern const KeySet replication_mix;
extern const KeySet hierarchical_limit;
extern const KeySet limit_level;
extern const KeySet subsets;
extern const KeySet gossip;
extern const KeySet virtual_address;
extern const KeySet subset_selector;
extern const KeySet identity;
extern const KeySet mtls;
extern const KeySet rotation;
extern const KeySet gate;
extern const KeySet gate_rule;
extern const KeySet gate_bundle;

/// All of the above.
[[nodiscard]] std::span<const KeySet* const> all();

}  // namespace keys

}  // namespace windtunnel::chaos
