#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include "bindings/src/component_values.hpp"
#include "bindings/src/components.hpp"
#include "models/limit/max_min.hpp"
#include "models/limit/quota_algorithm.hpp"
#include "models/limit/quota_client.hpp"
#include "models/limit/quota_server.hpp"

namespace windtunnel::limit {

BOOST_DESCRIBE_ENUM(QuotaAlgorithm, fixed_share, proportional_share, fair_share)
BOOST_DESCRIBE_STRUCT(QuotaServerOptions, (),
                      (epoch, capacity, safe_capacity, clients_max, algorithm, fixed_share,
                       lease_length, refresh_interval, predecessor_lease_length,
                       drift_parts_per_million))
BOOST_DESCRIBE_STRUCT(QuotaClientOptions, (),
                      (id, incarnation, safe_capacity, weight, burst, retry_interval))

}  // namespace windtunnel::limit

namespace windtunnel::bindings {

using namespace limit;

namespace {

std::vector<Demand> demands_from(const std::vector<std::uint64_t>& wants,
                                 const std::optional<std::vector<std::uint32_t>>& weights) {
  if (weights && weights->size() != wants.size()) {
    refuse_value("weights", fmt::format("{} weights", weights->size()),
                 fmt::format("{}, one for each demand", wants.size()));
  }
  std::vector<Demand> demands;
  for (std::size_t i = 0; i < wants.size(); ++i) {
    demands.push_back({wants[i], weights ? (*weights)[i] : 1});
  }
  return demands;
}

std::vector<std::uint64_t> shares_of(std::uint64_t capacity,
                                     const std::vector<std::uint64_t>& wants,
                                     const std::optional<std::vector<std::uint32_t>>& weights,
                                     const py::object& algorithm, std::uint64_t fixed_share) {
  const QuotaDivision division{
      .algorithm = enum_from<QuotaAlgorithm>(algorithm, "quota_shares: algorithm"),
      .capacity = capacity,
      .fixed_share = fixed_share};
  const std::vector<Demand> demands = demands_from(wants, weights);
  return constructed("quota_shares", [&] {
    std::vector<std::uint64_t> shares;
    for (std::size_t place = 0; place < demands.size(); ++place) {
      shares.push_back(entitlement(division, demands, place));
    }
    return shares;
  });
}

class QuotaServerFace {
 public:
  QuotaServerFace(double now, const py::kwargs& arguments) {
    Given given{arguments, "QuotaServer"};
    QuotaServerOptions options;
    given.read(options);
    given.refuse_unknown();
    list_parameters(values_, options);
    server_ = constructed("QuotaServer",
                          [&] { return std::make_unique<QuotaServer>(options, time_.at(now)); });
  }
  std::optional<QuotaResponse> step(double now, const QuotaRequest& request) {
    return server_->step(time_.at(now), request);
  }
  void set_capacity(std::uint64_t capacity) { server_->set_capacity(capacity); }
  [[nodiscard]] bool is_learning(double now) { return server_->is_learning(time_.at(now)); }
  [[nodiscard]] std::uint64_t lent(double now) { return server_->lent(time_.at(now)); }
  [[nodiscard]] bool is_deposed() const { return server_->is_deposed(); }
  [[nodiscard]] std::uint64_t lendable() const { return server_->lendable(); }
  [[nodiscard]] std::size_t clients() const { return server_->clients(); }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() const {
    py::dict state;
    state["clients"] = clients();
    state["lendable"] = lendable();
    return repr_text("QuotaServer", values_, state);
  }
  static py::dict defaults() {
    py::dict values;
    list_parameters(values, QuotaServerOptions{});
    return values;
  }

 private:
  py::dict values_;
  TimeLine time_;
  std::unique_ptr<QuotaServer> server_;
};

class QuotaClientFace {
 public:
  QuotaClientFace(double now, const py::kwargs& arguments) {
    Given given{arguments, "QuotaClient"};
    QuotaClientOptions options;
    given.read(options);
    given.refuse_unknown();
    list_parameters(values_, options);
    client_ = constructed("QuotaClient",
                          [&] { return std::make_unique<QuotaClient>(options, time_.at(now)); });
  }
  void set_wants(std::uint64_t wants) { client_->set_wants(wants); }
  std::optional<QuotaRequest> poll(double now) { return client_->poll(time_.at(now)); }
  void step(double now, const QuotaResponse& response) { client_->step(time_.at(now), response); }
  [[nodiscard]] Decision admit(double now, std::uint32_t n) {
    return client_->admit(time_.at(now), n);
  }
  [[nodiscard]] double next_deadline() const { return seconds_of(client_->next_deadline()); }
  [[nodiscard]] std::uint64_t quota(double now) { return client_->quota(time_.at(now)); }
  [[nodiscard]] std::uint64_t leased(double now) { return client_->leased(time_.at(now)); }
  [[nodiscard]] bool has_lease(double now) { return client_->has_lease(time_.at(now)); }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() const {
    py::dict state;
    state["quota"] = client_->quota(time_.latest());
    return repr_text("QuotaClient", values_, state);
  }
  static py::dict defaults() {
    py::dict values;
    list_parameters(values, QuotaClientOptions{});
    return values;
  }

 private:
  py::dict values_;
  TimeLine time_;
  std::unique_ptr<QuotaClient> client_;
};

}  // namespace

void bind_quotas(py::module_& module) {
  using py::arg;
  py::class_<QuotaRequest>(module, "QuotaRequest", "A client asks for its quota.")
      .def_readonly("holds", &QuotaRequest::holds)
      .def_readonly("wants", &QuotaRequest::wants)
      .def_readonly("epoch", &QuotaRequest::epoch);
  py::class_<QuotaResponse>(module, "QuotaResponse", "A lease of quota.")
      .def_readonly("quota", &QuotaResponse::quota)
      .def_readonly("lease", &QuotaResponse::lease)
      .def_readonly("epoch", &QuotaResponse::epoch)
      .def_property_readonly("length",
                             [](const QuotaResponse& lease) { return seconds_of(lease.length); })
      .def_property_readonly("refresh_after", [](const QuotaResponse& lease) {
        return seconds_of(lease.refresh_after);
      });
  py::class_<QuotaServerFace>(module, "QuotaServer",
                              "Lends parts of one capacity to many clients, by leases.")
      .def(py::init([](double now, const py::kwargs& parameters) {
             return std::make_unique<QuotaServerFace>(now, parameters);
           }),
           py::kw_only(), arg("now") = 0.0)
      .def("step", &QuotaServerFace::step, arg("now"), arg("request"),
           "The answer to a client's request, or None.")
      .def("set_capacity", &QuotaServerFace::set_capacity, arg("capacity"))
      .def("is_learning", &QuotaServerFace::is_learning, arg("now"))
      .def("lent", &QuotaServerFace::lent, arg("now"))
      .def_property_readonly("is_deposed", &QuotaServerFace::is_deposed)
      .def_property_readonly("lendable", &QuotaServerFace::lendable)
      .def_property_readonly("clients", &QuotaServerFace::clients)
      .def_property_readonly("parameters", &QuotaServerFace::parameters)
      .def_static("defaults", &QuotaServerFace::defaults)
      .def("__repr__", &QuotaServerFace::repr);
  py::class_<QuotaClientFace>(module, "QuotaClient", "Admits what its lease of quota allows.")
      .def(py::init([](double now, const py::kwargs& parameters) {
             return std::make_unique<QuotaClientFace>(now, parameters);
           }),
           py::kw_only(), arg("now") = 0.0)
      .def("set_wants", &QuotaClientFace::set_wants, arg("wants"))
      .def("poll", &QuotaClientFace::poll, arg("now"), "The request that is due, or None.")
      .def("step", &QuotaClientFace::step, arg("now"), arg("response"))
      .def("admit", &QuotaClientFace::admit, arg("now"), arg("n") = 1)
      .def("quota", &QuotaClientFace::quota, arg("now"))
      .def("leased", &QuotaClientFace::leased, arg("now"))
      .def("has_lease", &QuotaClientFace::has_lease, arg("now"))
      .def_property_readonly("next_deadline", &QuotaClientFace::next_deadline)
      .def_property_readonly("parameters", &QuotaClientFace::parameters)
      .def_static("defaults", &QuotaClientFace::defaults)
      .def("__repr__", &QuotaClientFace::repr);
  module.def("quota_shares", &shares_of, arg("capacity"), arg("wants"), arg("weights") = py::none(),
             py::kw_only(), arg("algorithm") = "fair_share", arg("fixed_share") = 0,
             "What each demand is entitled to, in whole units.");
}

}  // namespace windtunnel::bindings
