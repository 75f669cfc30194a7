#include <algorithm>
#include <deque>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include "bindings/src/balance_policies.hpp"
#include "bindings/src/component_arrays.hpp"
#include "bindings/src/component_endpoints.hpp"
#include "bindings/src/component_values.hpp"
#include "bindings/src/components.hpp"
#include "models/balance/balancer.hpp"
#include "models/balance/deterministic_subset.hpp"

namespace windtunnel::balance {

BOOST_DESCRIBE_ENUM(PanicMode, use_all, fail)
BOOST_DESCRIBE_ENUM(HealthBasis, hosts, weight)
BOOST_DESCRIBE_ENUM(PriorityDraw, at_random, by_key)
BOOST_DESCRIBE_ENUM(StickyMode, preferred, strict)
BOOST_DESCRIBE_ENUM(ZoneBasis, healthy_hosts, healthy_weight)
BOOST_DESCRIBE_ENUM(SubsetFallback, nothing, any_endpoint, default_subset)
BOOST_DESCRIBE_STRUCT(LocalityWeight, (), (zone, priority, weight))
BOOST_DESCRIBE_STRUCT(SubsetSelector, (), (keys, fallback))
BOOST_DESCRIBE_STRUCT(SubsetOptions, (), (selectors, fallback, default_subset))
BOOST_DESCRIBE_STRUCT(PickCounts, (), (sticky, in_panic, local_zone, other_zone, nobody))
BOOST_DESCRIBE_STRUCT(PriorityLoad, (), (healthy, degraded, is_in_panic))

}  // namespace windtunnel::balance

namespace windtunnel::bindings {

/// What is decided around the policy, under the scenario format's names where it has one.
struct BalancerParameters {
  std::uint32_t panic_percent = 50;
  balance::PanicMode panic = balance::PanicMode::use_all;
  balance::HealthBasis health_basis = balance::HealthBasis::hosts;
  std::uint32_t overprovisioning_percent = 140;
  std::optional<balance::PriorityDraw> priority_draw{};  ///< Absent: by key for hash policies.
  balance::StickyMode sticky_mode = balance::StickyMode::preferred;
  std::string zone{};
  bool zone_aware = false;
  std::uint32_t zone_routing_percent = 100;
  std::uint32_t zone_healthy_hosts_min = 6;
  balance::ZoneBasis zone_basis = balance::ZoneBasis::healthy_hosts;
  std::optional<std::uint32_t> zone_stay_local_hosts_min{};
  std::optional<std::vector<balance::LocalityWeight>> locality_weights{};
  std::optional<balance::SubsetOptions> subsets{};
  std::uint32_t subset_size = 0;
  std::uint32_t caller = 0;
};
BOOST_DESCRIBE_STRUCT(BalancerParameters, (),
                      (panic_percent, panic, health_basis, overprovisioning_percent, priority_draw,
                       sticky_mode, zone, zone_aware, zone_routing_percent, zone_healthy_hosts_min,
                       zone_basis, zone_stay_local_hosts_min, locality_weights, subsets,
                       subset_size, caller))

namespace {

using balance::BalancerOptions;
using balance::Endpoint;
using balance::EndpointId;

BalancerOptions options_of(const BalancerParameters& parameters, bool is_hashed) {
  BalancerOptions options;
  options.priorities.priority = {.overprovisioning_percent = parameters.overprovisioning_percent,
                                 .panic_threshold_percent = parameters.panic_percent};
  options.priorities.panic = parameters.panic;
  options.priorities.health_basis = parameters.health_basis;
  if (parameters.zone_aware) {
    options.priorities.locality.zone_aware =
        balance::ZoneAwareOptions{.local_zone = parameters.zone,
                                  .routing_percent = parameters.zone_routing_percent,
                                  .healthy_hosts_min = parameters.zone_healthy_hosts_min,
                                  .basis = parameters.zone_basis,
                                  .stay_local_hosts_min = parameters.zone_stay_local_hosts_min};
  }
  options.priorities.locality.weights = parameters.locality_weights;
  options.draw = parameters.priority_draw.value_or(is_hashed ? balance::PriorityDraw::by_key
                                                             : balance::PriorityDraw::at_random);
  options.subsets = parameters.subsets;
  options.sticky = parameters.sticky_mode;
  return options;
}

/// What one pick was asked with; views into Python's own strings.
std::string_view key_view(py::handle key) {
  if (key.is_none()) {
    return {};
  }
  if (PyBytes_Check(key.ptr())) {
    return {PyBytes_AS_STRING(key.ptr()), static_cast<std::size_t>(PyBytes_GET_SIZE(key.ptr()))};
  }
  Py_ssize_t size = 0;
  const char* const text =
      PyUnicode_Check(key.ptr()) ? PyUnicode_AsUTF8AndSize(key.ptr(), &size) : nullptr;
  if (text == nullptr) {
    PyErr_Clear();
    refuse_type("pick: key", found_text(key), "a text or bytes");
  }
  return {text, static_cast<std::size_t>(size)};
}

/// One balancer with the names of its endpoints, the times of the requests under way, and those
/// requests of batches whose ends are already known.
class BalancerFace {
 public:
  BalancerFace(const std::string& policy, py::handle endpoints, std::uint64_t seed, double now,
               const py::kwargs& arguments)
      : kind_(policy_kind_of(policy)) {
    Given given{arguments, fmt::format("Balancer(\"{}\")", policy)};
    where_ = given.where();
    made_ = constructed(where_, [&] { return kind_.make(given); });
    given.read(parameters_);
    given.refuse_unknown();
    list_parameters(usual_, BalancerParameters{});
    list_parameters(made_.parameters, parameters_);
    balancer_ = constructed(where_, [&] {
      return std::make_unique<balance::Balancer>(
          made_.factory, options_of(parameters_, kind_.is_hashed), RandomStream{seed, "balance"});
    });
    update(now, endpoints);
  }

  void update(double now, py::handle list) {
    const Instant at = time_.at(now);
    const std::vector<EndpointParameters> given = endpoints_from(list, where_ + ": endpoints");
    std::vector<Endpoint> snapshot;
    std::set<std::string_view> addresses;
    for (const std::size_t place : places_in_use(given.size())) {
      if (!addresses.insert(given[place].address).second) {
        refuse_value(where_ + ": endpoints", fmt::format("\"{}\" twice", given[place].address),
                     "each address once");
      }
      snapshot.push_back(known(given[place]));
    }
    started_.resize(names_.size());
    constructed(where_, [&] {
      balancer_->update(at, snapshot);
      return 0;
    });
    snapshot_ = std::move(snapshot);
  }

  void update_local_cluster(py::handle list) {
    std::vector<Endpoint> proxies;
    for (const EndpointParameters& proxy : endpoints_from(list, where_ + ": proxies")) {
      proxies.push_back(
          bindings::endpoint_of(proxy, EndpointId{static_cast<std::uint32_t>(proxies.size())}));
    }
    balancer_->update_local_cluster(proxies);
  }

  py::object pick(double now, py::handle key, std::optional<std::uint64_t> hash,
                  std::uint32_t attempt, py::handle tried, py::handle subset, py::handle sticky,
                  bool begin) {
    const Instant at = time_.at(now);
    std::vector<EndpointId> tried_ids;
    if (!tried.is_none()) {
      for (const py::handle item : py::reinterpret_borrow<py::iterable>(tried)) {
        tried_ids.push_back(endpoint_of(item));
      }
    }
    Labels wanted;
    if (!subset.is_none()) {
      read_value(subset, "pick: subset", wanted);
    }
    const std::vector<balance::LabelMatch> matches{wanted.begin(), wanted.end()};
    balance::BalanceRequest request{
        .pick = {.key = key_view(key), .hash = hash, .attempt = attempt, .tried = tried_ids},
        .subset = matches};
    if (!sticky.is_none()) {
      request.sticky_host = endpoint_of(sticky);
    }
    end_batched(at);
    const std::optional<EndpointId> chosen = balancer_->pick(at, request);
    if (!chosen) {
      return py::none();
    }
    if (begin) {
      balancer_->begin(*chosen);
      started_[chosen->value()].push_back(at);
    }
    return names_[chosen->value()];
  }

  void done(double now, py::handle endpoint, std::optional<double> latency, bool succeeded) {
    const Instant at = time_.at(now);
    const EndpointId id = endpoint_of(endpoint);
    auto& started = started_[id.value()];
    if (started.empty()) {
      refuse_value(where_ + ": done",
                   fmt::format("no request under way at {}", found_text(endpoint)),
                   "an endpoint that pick() gave");
    }
    const Duration took = latency ? instant_of(*latency).time_since_epoch() : at - started.front();
    started.pop_front();
    end_batched(at);
    end(at, {.endpoint = id, .latency = took, .succeeded = succeeded});
  }

  /// Positions in the list of endpoints, or -1.
  py::array_t<std::int32_t> pick_many(const Column<double>& now, py::handle keys,
                                      const std::optional<Column<std::uint64_t>>& hashes,
                                      const std::optional<Column<double>>& latency,
                                      const std::optional<Column<bool>>& succeeded) {
    std::size_t count = static_cast<std::size_t>(now.size());
    std::vector<std::string_view> views;
    py::object held;
    if (!keys.is_none()) {
      held = py::reinterpret_steal<py::object>(
          PySequence_Fast(keys.ptr(), "pick_many: keys: expected a list of texts"));
      if (!held) {
        throw py::error_already_set();
      }
      views.reserve(static_cast<std::size_t>(PySequence_Fast_GET_SIZE(held.ptr())));
      for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(held.ptr()); ++i) {
        views.push_back(key_view(PySequence_Fast_GET_ITEM(held.ptr(), i)));
      }
      count = std::max(count, views.size());
    }
    if (hashes) {
      count = std::max(count, static_cast<std::size_t>(hashes->size()));
    }
    if (latency && latency->ndim() > 0) {
      count = std::max(count, static_cast<std::size_t>(latency->shape(0)));
    }
    if (!keys.is_none() && views.size() != count && views.size() != 1) {
      refuse_value("pick_many: keys", fmt::format("{} keys", views.size()),
                   fmt::format("one key, or {} of them", count));
    }
    const Broadcast<double> times{now, count, "pick_many: now"};
    std::optional<Broadcast<std::uint64_t>> hash;
    if (hashes) {
      hash.emplace(*hashes, count, "pick_many: hashes");
    }
    const auto latencies = table_of(latency, count, "latency");
    const auto successes = table_of(succeeded, count, "succeeded");
    const std::vector<std::int32_t> position = positions();

    py::array_t<std::int32_t> picked(static_cast<py::ssize_t>(count));
    std::int32_t* const out = picked.mutable_data();
    for (std::size_t i = 0; i < count; ++i) {
      const Instant at = time_.at(times[i]);
      end_batched(at);
      balance::PickRequest request;
      if (!views.empty()) {
        request.key = views[views.size() == 1 ? 0 : i];
      }
      if (hash) {
        request.hash = (*hash)[i];
      }
      const std::optional<EndpointId> chosen = balancer_->pick(at, request);
      out[i] = chosen ? position[chosen->value()] : -1;
      if (!chosen) {
        continue;
      }
      const auto column = static_cast<std::size_t>(out[i]);
      const bool is_well = !succeeded || successes.at(i, column);
      const double seconds = latency ? latencies.at(i, column) : 0;
      const Duration took = instant_of(seconds).time_since_epoch();
      balancer_->begin(*chosen);
      if (took == Duration::zero()) {
        end(at, {.endpoint = *chosen, .latency = took, .succeeded = is_well});
      } else {
        batched_.push({instant_after(at, took),
                       batched_count_++,
                       {.endpoint = *chosen, .latency = took, .succeeded = is_well}});
      }
    }
    return picked;
  }

  void report_load(double now, py::handle endpoint, double queries, double errors,
                   double utilization) {
    const Instant at = time_.at(now);
    if (!made_.voices.reported_loads) {
      refuse_type(where_, "report_load()", "the policy \"grpc_weighted_round_robin\"");
    }
    made_.voices.reported_loads->report(
        endpoint_of(endpoint), at,
        {.queries_per_second = queries, .errors_per_second = errors, .utilization = utilization});
  }

  py::list probe_targets() {
    py::list names;
    for (balance::Prequal* const prequal : probed("probe_targets()")) {
      for (const EndpointId id : prequal->draw_probe_targets()) {
        names.append(names_[id.value()]);
      }
    }
    return names;
  }

  void learn_probe(double now, py::handle endpoint, std::uint32_t in_flight, double latency) {
    const Instant at = time_.at(now);
    const balance::ProbeAnswer answer{.endpoint = endpoint_of(endpoint),
                                      .in_flight = in_flight,
                                      .latency = instant_of(latency).time_since_epoch()};
    for (balance::Prequal* const prequal : probed("learn_probe()")) {
      prequal->learn(at, answer);
    }
  }

  [[nodiscard]] py::list addresses() const {
    py::list list;
    for (const Endpoint& endpoint : snapshot_) {
      list.append(names_[endpoint.id.value()]);
    }
    return list;
  }
  [[nodiscard]] py::array_t<std::uint32_t> active() const {
    py::array_t<std::uint32_t> loads(static_cast<py::ssize_t>(snapshot_.size()));
    std::transform(snapshot_.begin(), snapshot_.end(), loads.mutable_data(),
                   [&](const Endpoint& each) { return balancer_->loads().active(each.id); });
    return loads;
  }
  [[nodiscard]] py::object counts() const { return value_to(balancer_->counts()); }
  [[nodiscard]] py::list priority_loads() const {
    py::list list;
    for (const balance::PriorityLoad& load : balancer_->priority_loads()) {
      list.append(value_to(load));
    }
    return list;
  }
  [[nodiscard]] const std::string& policy() const { return kind_.name; }
  [[nodiscard]] py::dict parameters() const { return made_.parameters; }
  [[nodiscard]] std::string repr() const {
    py::dict state;
    state["endpoints"] = snapshot_.size();
    state["active"] = balancer_->loads().total_active();
    py::dict shown;
    for (const auto& [name, value] : made_.parameters) {
      const bool is_usual = usual_.contains(name) && py::object{usual_[name]}.equal(
                                                         py::reinterpret_borrow<py::object>(value));
      if (!is_usual) {
        shown[name] = value;
      }
    }
    std::string text = repr_text("Balancer", shown, state);
    return text.insert(text.find('(') + 1, fmt::format("'{}', ", kind_.name));
  }

  static py::dict policies() {
    py::dict all;
    for (const PolicyKind& kind : policy_kinds()) {
      Given nothing{py::kwargs{}, kind.name};
      py::dict parameters = kind.make(nothing).parameters;
      list_parameters(parameters, BalancerParameters{});
      all[py::str(kind.name)] = parameters;
    }
    return all;
  }

 private:
  struct Batched {
    Instant ends{};
    std::uint64_t number = 0;
    balance::AttemptResult result{};

    friend bool operator>(const Batched& left, const Batched& right) {
      return std::pair{left.ends, left.number} > std::pair{right.ends, right.number};
    }
  };

  /// A value for each request, or for each request and endpoint.
  template <typename T>
  struct Table {
    const T* values = nullptr;
    std::size_t row = 0;
    std::size_t column = 0;
    [[nodiscard]] T at(std::size_t i, std::size_t j) const { return values[i * row + j * column]; }
  };
  template <typename T>
  [[nodiscard]] Table<T> table_of(const std::optional<Column<T>>& values, std::size_t count,
                                  const char* name) const {
    if (!values) {
      return {};
    }
    const std::size_t width = snapshot_.size();
    const auto rows = values->ndim() > 0 ? static_cast<std::size_t>(values->shape(0)) : 1;
    const auto columns = values->ndim() > 1 ? static_cast<std::size_t>(values->shape(1)) : 1;
    if (values->ndim() > 2 || (rows != count && rows != 1) ||
        (values->ndim() == 2 && columns != width)) {
      refuse_value(fmt::format("pick_many: {}", name), fmt::format("{} x {} values", rows, columns),
                   fmt::format("one value, {} of them, or {} x {}", count, count, width));
    }
    return {values->data(), rows == 1 ? 0 : columns, values->ndim() == 2 ? std::size_t{1} : 0};
  }

  [[nodiscard]] std::vector<std::size_t> places_in_use(std::size_t count) const {
    std::vector<std::size_t> places;
    if (parameters_.subset_size == 0) {
      for (std::size_t place = 0; place < count; ++place) {
        places.push_back(place);
      }
      return places;
    }
    for (const std::uint32_t place :
         balance::deterministic_subset({.endpoints = static_cast<std::uint32_t>(count),
         .size = parameters_.subset_size,
         .caller = parameters_.caller})) {
      places.push_back(place);
    }
    return places;
  }

  [[nodiscard]] Endpoint known(const EndpointParameters& given) {
    const auto [place, is_new] =
        ids_.try_emplace(given.address, EndpointId{static_cast<std::uint32_t>(names_.size())});
    if (is_new) {
      names_.push_back(py::str(given.address));
    }
    return bindings::endpoint_of(given, place->second);
  }

  [[nodiscard]] EndpointId endpoint_of(py::handle name) const {
    const std::string text = text_from(name, where_ + ": endpoint");
    const auto found = ids_.find(text);
    if (found == ids_.end()) {
      std::vector<std::string> addresses;
      for (const py::str& each : names_) {
        addresses.push_back(each.cast<std::string>());
      }
      refuse_value(where_ + ": endpoint", found_text(name), "the address of an endpoint",
                   chaos::nearest_name(text, addresses));
    }
    return found->second;
  }

  [[nodiscard]] std::vector<std::int32_t> positions() const {
    std::vector<std::int32_t> places(names_.size(), -1);
    for (std::size_t i = 0; i < snapshot_.size(); ++i) {
      places[snapshot_[i].id.value()] = static_cast<std::int32_t>(i);
    }
    return places;
  }

  [[nodiscard]] const std::vector<balance::Prequal*>& probed(const char* what) const {
    if (!made_.voices.probed) {
      refuse_type(where_, what, "the policy \"prequal\"");
    }
    return *made_.voices.probed;
  }

  void end(Instant now, const balance::AttemptResult& result) {
    balancer_->end(result.endpoint);
    balancer_->observe(now, result);
  }
  void end_batched(Instant now) {
    while (!batched_.empty() && batched_.top().ends <= now) {
      const Batched ended = batched_.top();
      batched_.pop();
      end(ended.ends, ended.result);
    }
  }

  const PolicyKind& kind_;
  std::string where_;
  BalancerParameters parameters_;
  MadePolicy made_;
  py::dict usual_;  ///< Defaults of the parameters that all policies have.
  std::unique_ptr<balance::Balancer> balancer_;
  TimeLine time_;
  std::unordered_map<std::string, EndpointId> ids_;
  std::vector<py::str> names_;                ///< By id.
  std::vector<std::deque<Instant>> started_;  ///< By id, of picks that done() will end.
  std::vector<Endpoint> snapshot_;
  std::priority_queue<Batched, std::vector<Batched>, std::greater<>> batched_;
  std::uint64_t batched_count_ = 0;
};

}  // namespace

void bind_balance(py::module_& module) {
  using py::arg;
  py::class_<BalancerFace>(module, "Balancer",
                           "Chooses an endpoint for each request; step by step, with explicit time "
                           "in seconds.")
      .def(py::init([](const std::string& policy, const py::object& endpoints, std::uint64_t seed,
                       double now, const py::kwargs& parameters) {
             return std::make_unique<BalancerFace>(policy, endpoints, seed, now, parameters);
           }),
           arg("policy"), arg("endpoints"), py::kw_only(), arg("seed") = 0, arg("now") = 0.0)
      .def("pick", &BalancerFace::pick, arg("now"), arg("key") = py::none(), py::kw_only(),
           arg("hash") = py::none(), arg("attempt") = 0, arg("tried") = py::none(),
           arg("subset") = py::none(), arg("sticky") = py::none(), arg("begin") = true,
           "The address of the endpoint for a request at `now`, or None where nobody may be "
           "picked. The request counts as under way there until done(), unless begin=False.")
      .def("done", &BalancerFace::done, arg("now"), arg("endpoint"), py::kw_only(),
           arg("latency") = py::none(), arg("succeeded") = true,
           "A request there has ended. Its latency in seconds, for policies that learn; by default "
           "the time since the oldest pick still under way there.")
      .def("pick_many", &BalancerFace::pick_many, arg("now"), arg("keys") = py::none(),
           py::kw_only(), arg("hashes") = py::none(), arg("latency") = py::none(),
           arg("succeeded") = py::none(),
           "Picks for n requests at the ascending times `now`, shape (n,), in seconds. Each ends "
           "`latency` seconds later, shape (n,) or (n, endpoints), or at once. Returns positions "
           "in `addresses`, int32 of shape (n,), -1 for nobody.")
      .def("update", &BalancerFace::update, arg("now"), arg("endpoints"),
           "A new snapshot of the endpoints; loads of addresses known before stay.")
      .def("update_local_cluster", &BalancerFace::update_local_cluster, arg("proxies"),
           "The proxies that share this work, for routing by zone.")
      .def("report_load", &BalancerFace::report_load, arg("now"), arg("endpoint"), py::kw_only(),
           arg("queries_per_second"), arg("errors_per_second") = 0.0, arg("utilization"),
           "What an endpoint reports of itself; of grpc_weighted_round_robin only.")
      .def("probe_targets", &BalancerFace::probe_targets,
           "Whom to probe now, once a query; of prequal only.")
      .def("learn_probe", &BalancerFace::learn_probe, arg("now"), arg("endpoint"), py::kw_only(),
           arg("in_flight"), arg("latency"), "A probe's answer; of prequal only.")
      .def_property_readonly("policy", &BalancerFace::policy)
      .def_property_readonly("parameters", &BalancerFace::parameters)
      .def_property_readonly("addresses", &BalancerFace::addresses)
      .def_property_readonly("active", &BalancerFace::active,
                             "Requests under way by endpoint, uint32 in the order of `addresses`.")
      .def_property_readonly("counts", &BalancerFace::counts)
      .def_property_readonly("priority_loads", &BalancerFace::priority_loads)
      .def_static("policies", &BalancerFace::policies,
                  "Every policy with its parameters and their defaults.")
      .def("__repr__", &BalancerFace::repr);
  module.def(
      "deterministic_subset",
      [](std::uint32_t endpoints, std::uint32_t size, std::uint32_t caller) {
        return balance::deterministic_subset(
            {.endpoints = endpoints, .size = size, .caller = caller});
      },
      arg("endpoints"), arg("size"), arg("caller"),
      "Positions of the endpoints that the caller of that number uses, ascending.");
}

}  // namespace windtunnel::bindings
