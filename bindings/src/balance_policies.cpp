#include "bindings/src/balance_policies.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "models/balance/bounded_load.hpp"
#include "models/balance/envoy_least_request.hpp"
#include "models/balance/envoy_round_robin.hpp"
#include "models/balance/grpc_weighted_round_robin.hpp"
#include "models/balance/haproxy_least_conn.hpp"
#include "models/balance/haproxy_random.hpp"
#include "models/balance/haproxy_round_robin.hpp"
#include "models/balance/hash_haproxy_map.hpp"
#include "models/balance/hash_haproxy_ring.hpp"
#include "models/balance/hash_nginx.hpp"
#include "models/balance/ketama.hpp"
#include "models/balance/maglev.hpp"
#include "models/balance/nginx_least_conn.hpp"
#include "models/balance/nginx_random.hpp"
#include "models/balance/nginx_round_robin.hpp"
#include "models/balance/peak_ewma.hpp"
#include "models/balance/power_of_choices.hpp"
#include "models/balance/random_choice.hpp"
#include "models/balance/rendezvous.hpp"
#include "models/balance/ring_hash.hpp"
#include "models/balance/slow_start.hpp"

namespace windtunnel::balance {

// Pointers to what is shared over snapshots are the factories' business, and not listed.
BOOST_DESCRIBE_STRUCT(EnvoyHashOptions, (), (balance_factor, selection_retries_max))
BOOST_DESCRIBE_STRUCT(MaglevSpec, (), (table_size, choice))
BOOST_DESCRIBE_ENUM(RingHashFunction, xx_hash, murmur_hash_2)
BOOST_DESCRIBE_STRUCT(RingHashSpec, (), (ring_size_min, ring_size_max, function, choice))
BOOST_DESCRIBE_STRUCT(BoundedLoadSpec, (), (load_percent_max, places_per_weight))
BOOST_DESCRIBE_STRUCT(KetamaSpec, (), (points_per_weight))
BOOST_DESCRIBE_STRUCT(NginxSpec, (), (max_fails, fail_timeout))
BOOST_DESCRIBE_ENUM(NginxRandomMode, one, two_least_conn)
BOOST_DESCRIBE_STRUCT(NginxRandomSpec, (), (server, mode))
BOOST_DESCRIBE_STRUCT(NginxHashSpec, (), ())
BOOST_DESCRIBE_ENUM(HaproxyHashFunction, sdbm, djb2, wt6, crc32)
BOOST_DESCRIBE_ENUM(HaproxyHashModifier, none, avalanche)
BOOST_DESCRIBE_STRUCT(HaproxyHash, (), (function, modifier))
BOOST_DESCRIBE_STRUCT(HaproxyMapSpec, (), (hash))
BOOST_DESCRIBE_STRUCT(HaproxyRingSpec, (), (hash, balance_factor))
BOOST_DESCRIBE_STRUCT(HaproxyRoundRobinSpec, (), ())
BOOST_DESCRIBE_STRUCT(HaproxyLeastConnSpec, (), ())
BOOST_DESCRIBE_STRUCT(HaproxyRandomSpec, (), (draws))
BOOST_DESCRIBE_STRUCT(PowerOfChoicesSpec, (), (choices))
BOOST_DESCRIBE_ENUM(RandomShares, by_weight, uniform)
BOOST_DESCRIBE_STRUCT(RandomChoiceSpec, (), (shares))
BOOST_DESCRIBE_STRUCT(RendezvousSpec, (), ())
BOOST_DESCRIBE_STRUCT(PeakEwmaSpec, (), (decay, initial, failure_cost))
BOOST_DESCRIBE_STRUCT(PrequalSpec, (),
                      (probes_per_query, pool_size, probe_age_max, hot_quantile, removals_per_query,
                       pool_growth, pool_size_min))
BOOST_DESCRIBE_STRUCT(GrpcWeightsSpec, (),
                      (blackout_period, weight_expiration_period, error_utilization_penalty))
BOOST_DESCRIBE_STRUCT(GrpcWeightedRoundRobinSpec, (), (weights, weight_update_period))
BOOST_DESCRIBE_STRUCT(EnvoySpec, (), (repicks_max))
BOOST_DESCRIBE_ENUM(EnvoySelection, n_choices, full_scan)
BOOST_DESCRIBE_STRUCT(EnvoyLeastRequestSpec, (),
                      (common, selection, choice_count, active_request_bias))

}  // namespace windtunnel::balance

namespace windtunnel::bindings {

using namespace balance;

template <>
inline constexpr bool kIsFlattened<EnvoyHashOptions> = true;
template <>
inline constexpr bool kIsFlattened<NginxSpec> = true;
template <>
inline constexpr bool kIsFlattened<HaproxyHash> = true;
template <>
inline constexpr bool kIsFlattened<GrpcWeightsSpec> = true;
template <>
inline constexpr bool kIsFlattened<EnvoySpec> = true;

/// As scenarios name it; C++'s other settings of a slow start beside it.
struct SlowStartParameters {
  Duration slow_start{};
  double slow_start_aggression = 1;
  double slow_start_share_min = 0.10;
};
BOOST_DESCRIBE_STRUCT(SlowStartParameters, (),
                      (slow_start, slow_start_aggression, slow_start_share_min))

namespace {

template <typename Spec>
Spec spec_from(Given& given, py::dict& parameters) {
  Spec spec{};
  given.read(spec);
  list_parameters(parameters, spec);
  return spec;
}

template <typename Made, typename Spec>
MadePolicy make_plain(Given& given) {
  MadePolicy made;
  made.factory = [spec = spec_from<Spec>(given, made.parameters)](const PolicyInput& input) {
    return std::unique_ptr<Policy>{std::make_unique<Made>(spec, input)};
  };
  return made;
}

/// Endpoints that warm up, from when they are first seen.
class Newcomers {
 public:
  explicit Newcomers(const SlowStartSpec& spec) : slow_start_(spec) {}

  const SlowStart* meet(const PolicyInput& input) {
    for (const Endpoint& endpoint : input.endpoints) {
      const std::size_t id = endpoint.id.value();
      known_.resize(std::max(known_.size(), id + 1));
      if (!known_[id]) {
        known_[id] = true;
        slow_start_.enter(endpoint.id, input.now);
      }
    }
    return &slow_start_;
  }

 private:
  SlowStart slow_start_;
  std::vector<bool> known_;
};

std::shared_ptr<Newcomers> newcomers_from(Given& given, py::dict& parameters) {
  const auto slow = spec_from<SlowStartParameters>(given, parameters);
  if (slow.slow_start == Duration::zero()) {
    return nullptr;
  }
  return std::make_shared<Newcomers>(SlowStartSpec{.window = slow.slow_start,
                                                   .aggression = slow.slow_start_aggression,
                                                   .share_min = slow.slow_start_share_min});
}

MadePolicy make_envoy_round_robin(Given& given) {
  MadePolicy made;
  const auto newcomers = newcomers_from(given, made.parameters);
  made.factory = [newcomers, spec = spec_from<EnvoySpec>(given, made.parameters)](
                     const PolicyInput& input) mutable -> std::unique_ptr<Policy> {
    spec.slow_start = newcomers ? newcomers->meet(input) : nullptr;
    return std::make_unique<EnvoyRoundRobin>(spec, input);
  };
  return made;
}

MadePolicy make_envoy_least_request(Given& given) {
  MadePolicy made;
  const auto newcomers = newcomers_from(given, made.parameters);
  made.factory = [newcomers, spec = spec_from<EnvoyLeastRequestSpec>(given, made.parameters)](
                     const PolicyInput& input) mutable -> std::unique_ptr<Policy> {
    spec.common.slow_start = newcomers ? newcomers->meet(input) : nullptr;
    return std::make_unique<EnvoyLeastRequest>(spec, input);
  };
  return made;
}

MadePolicy make_peak_ewma(Given& given) {
  MadePolicy made;
  auto spec = spec_from<PeakEwmaSpec>(given, made.parameters);
  made.factory = [spec, history = std::make_shared<PeakEwmaHistory>()](
                     const PolicyInput& input) mutable -> std::unique_ptr<Policy> {
    spec.history = history.get();
    return std::make_unique<PeakEwma>(spec, input);
  };
  return made;
}

MadePolicy make_grpc_weighted_round_robin(Given& given) {
  MadePolicy made;
  auto spec = spec_from<GrpcWeightedRoundRobinSpec>(given, made.parameters);
  const auto weights = std::make_shared<GrpcWeights>(spec.weights);
  made.voices.reported_loads = weights;
  made.factory = [spec, weights](const PolicyInput& input) mutable -> std::unique_ptr<Policy> {
    spec.shared_weights = weights.get();
    return std::make_unique<GrpcWeightedRoundRobin>(spec, input);
  };
  return made;
}

/// A Prequal on the list of those in use while it lives.
class ListedPrequal final : public Policy {
 public:
  ListedPrequal(const PrequalSpec& spec, const PolicyInput& input,
                std::shared_ptr<std::vector<Prequal*>> list)
      : prequal_(spec, input), list_(std::move(list)) {
    list_->push_back(&prequal_);
  }
  ListedPrequal(const ListedPrequal&) = delete;
  ListedPrequal& operator=(const ListedPrequal&) = delete;
  ~ListedPrequal() override { std::erase(*list_, &prequal_); }

  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override {
    return prequal_.pick(now, request);
  }
  void observe(Instant now, const AttemptResult& result) override { prequal_.observe(now, result); }
  [[nodiscard]] bool learns() const override { return true; }

 private:
  Prequal prequal_;
  std::shared_ptr<std::vector<Prequal*>> list_;
};

MadePolicy make_prequal(Given& given) {
  MadePolicy made;
  made.voices.probed = std::make_shared<std::vector<Prequal*>>();
  made.factory = [spec = spec_from<PrequalSpec>(given, made.parameters),
                  list = made.voices.probed](const PolicyInput& input) {
    return std::unique_ptr<Policy>{std::make_unique<ListedPrequal>(spec, input, list)};
  };
  return made;
}

const std::array kKinds = {
    PolicyKind{"round_robin", false, make_envoy_round_robin},
    PolicyKind{"least_request", false, make_plain<PowerOfChoices, PowerOfChoicesSpec>},
    PolicyKind{"random", false, make_plain<RandomChoice, RandomChoiceSpec>},
    PolicyKind{"peak_ewma", false, make_peak_ewma},
    PolicyKind{"ring_hash", true, make_plain<RingHash, RingHashSpec>},
    PolicyKind{"maglev", true, make_plain<Maglev, MaglevSpec>},
    PolicyKind{"bounded_hash", true, make_plain<BoundedLoad, BoundedLoadSpec>},
    PolicyKind{"rendezvous", true, make_plain<Rendezvous, RendezvousSpec>},
    PolicyKind{"prequal", false, make_prequal},
    PolicyKind{"grpc_weighted_round_robin", false, make_grpc_weighted_round_robin},
    PolicyKind{"nginx_round_robin", false, make_plain<NginxRoundRobin, NginxSpec>},
    PolicyKind{"nginx_least_conn", false, make_plain<NginxLeastConn, NginxSpec>},
    PolicyKind{"nginx_random", false, make_plain<NginxRandom, NginxRandomSpec>},
    PolicyKind{"nginx_hash", true, make_plain<NginxHash, NginxHashSpec>},
    PolicyKind{"nginx_ketama", true, make_plain<Ketama, KetamaSpec>},
    PolicyKind{"haproxy_roundrobin", false, make_plain<HaproxyRoundRobin, HaproxyRoundRobinSpec>},
    PolicyKind{"haproxy_leastconn", false, make_plain<HaproxyLeastConn, HaproxyLeastConnSpec>},
    PolicyKind{"haproxy_random", false, make_plain<HaproxyRandom, HaproxyRandomSpec>},
    PolicyKind{"haproxy_map", true, make_plain<HaproxyMap, HaproxyMapSpec>},
    PolicyKind{"haproxy_ring", true, make_plain<HaproxyRing, HaproxyRingSpec>},
    PolicyKind{"envoy_round_robin", false, make_envoy_round_robin},
    PolicyKind{"envoy_least_request", false, make_envoy_least_request},
};

}  // namespace

std::span<const PolicyKind> policy_kinds() {
  return kKinds;
}

const PolicyKind& policy_kind_of(const std::string& name) {
  const auto found = std::find_if(kKinds.begin(), kKinds.end(),
                                  [&](const PolicyKind& kind) { return kind.name == name; });
  if (found == kKinds.end()) {
    std::vector<std::string> names;
    for (const PolicyKind& kind : kKinds) {
      names.push_back(kind.name);
    }
    refuse_value("Balancer: policy", "\"" + name + "\"", choices_text(names),
                 chaos::nearest_name(name, names));
  }
  return *found;
}

}  // namespace windtunnel::bindings
