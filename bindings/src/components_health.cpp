#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include "bindings/src/component_arrays.hpp"
#include "bindings/src/component_endpoints.hpp"
#include "bindings/src/component_values.hpp"
#include "bindings/src/components.hpp"
#include "models/health/container_probes.hpp"
#include "models/health/envoy_health_check.hpp"
#include "models/health/fisher_exact.hpp"
#include "models/health/outlier_detector.hpp"
#include "models/health/phi_accrual.hpp"

namespace windtunnel::health {

BOOST_DESCRIBE_ENUM(OutlierDialect, envoy, grpc_a50)
BOOST_DESCRIBE_ENUM(OutlierAction, ejected, not_enforced, prevented_by_cap, prevented_by_panic,
                    returned, returned_by_check)
BOOST_DESCRIBE_ENUM(OriginErrors, together, split)
BOOST_DESCRIBE_ENUM(OriginResult, local_origin_connect_success, local_origin_connect_success_final,
                    local_origin_connect_failed, local_origin_timeout, external_success,
                    external_failure)
BOOST_DESCRIBE_STRUCT(ConsecutiveRule, (), (threshold, enforcing_percent))
BOOST_DESCRIBE_STRUCT(SuccessRateRule, (),
                      (minimum_hosts, request_volume, stdev_factor_thousandths, enforcing_percent,
                       enforcing_local_origin_percent))
BOOST_DESCRIBE_STRUCT(FailurePercentageRule, (),
                      (threshold_percent, minimum_hosts, request_volume, enforcing_percent,
                       enforcing_local_origin_percent))
BOOST_DESCRIBE_STRUCT(MajorityOutlierOptions, (),
                      (false_alarm, share, difference_min_percent, request_volume, minimum_hosts))
BOOST_DESCRIBE_STRUCT(OutlierOptions, (),
                      (dialect, interval, base_ejection_time, max_ejection_time,
                       max_ejection_time_jitter, max_ejection_percent, always_eject_one_host,
                       consecutive_5xx, consecutive_gateway_failure,
                       consecutive_local_origin_failure, success_rate, failure_percentage,
                       origin_errors, successful_active_health_check_uneject_host, majority_enabled,
                       majority, available_percent_min))
BOOST_DESCRIBE_STRUCT(PhiAccrualOptions, (),
                      (threshold, samples_max, deviation_min, acceptable_pause, first_estimate))
BOOST_DESCRIBE_STRUCT(EnvoyHealthCheckOptions, (),
                      (timeout, interval, unhealthy_threshold, healthy_threshold,
                       no_traffic_interval, no_traffic_healthy_interval, unhealthy_interval,
                       unhealthy_edge_interval, healthy_edge_interval, initial_jitter,
                       interval_jitter, interval_jitter_percent))
BOOST_DESCRIBE_ENUM(CheckFailure, network, network_timeout, active, passive)
BOOST_DESCRIBE_ENUM(CheckRetry, never, counted)
BOOST_DESCRIBE_ENUM(CheckTransition, unchanged, change_pending, changed)
BOOST_DESCRIBE_ENUM(ProbeKind, startup, liveness, readiness)
BOOST_DESCRIBE_STRUCT(KubernetesProbeOptions, (),
                      (initial_delay, period, timeout, success_threshold, failure_threshold))
BOOST_DESCRIBE_STRUCT(ContainerProbesOptions, (), (startup, liveness, readiness))

}  // namespace windtunnel::health

namespace windtunnel::bindings {

using namespace health;

namespace {

template <typename Options>
Options options_from(const py::kwargs& arguments, const char* name, py::dict& values) {
  Given given{arguments, name};
  Options options{};
  given.read(options);
  given.refuse_unknown();
  list_parameters(values, options);
  return options;
}

template <typename Options>
py::dict defaults_of() {
  py::dict values;
  list_parameters(values, Options{});
  return values;
}

/// A detector with its endpoints by address.
class OutlierFace {
 public:
  OutlierFace(const py::object& endpoints, std::uint64_t seed, double now,
              const py::kwargs& arguments) {
    const auto options = options_from<OutlierOptions>(arguments, "OutlierDetector", values_);
    if (options.interval < std::chrono::microseconds{1}) {
      refuse_value("OutlierDetector: interval", fmt::format("{}", seconds_of(options.interval)),
                   "a microsecond at least");
    }
    detector_ = constructed("OutlierDetector", [&] {
      return std::make_unique<OutlierDetector>(options, time_.at(now),
                                               RandomStream{seed, "outlier"});
    });
    update(endpoints);
  }

  void update(const py::object& list) {
    std::vector<balance::Endpoint> endpoints;
    for (const EndpointParameters& given : endpoints_from(list, "OutlierDetector: endpoints")) {
      const auto [place, is_new] = ids_.try_emplace(
          given.address, balance::EndpointId{static_cast<std::uint32_t>(names_.size())});
      if (is_new) {
        names_.push_back(given.address);
      }
      endpoints.push_back(endpoint_of(given, place->second));
    }
    constructed("OutlierDetector", [&] {
      detector_->update_endpoints(endpoints);
      return 0;
    });
  }
  void report(double now, const std::string& address, const py::object& result,
              std::uint32_t count) {
    const balance::EndpointId endpoint = known(address);
    const Instant at = reached(now);
    const bool is_status = py::isinstance<py::int_>(result) && !PyBool_Check(result.ptr());
    if (is_status) {
      const auto status =
          static_cast<std::uint16_t>(integer_from(result, "OutlierDetector: status", 100, 999));
      for (; count > 0; --count) {
        detector_->report_response(at, endpoint, status);
      }
      return;
    }
    const OriginResult origin = PyBool_Check(result.ptr())
                                    ? (result.ptr() == Py_True ? OriginResult::external_success
                                                               : OriginResult::external_failure)
                                    : enum_from<OriginResult>(result, "OutlierDetector: result");
    for (; count > 0; --count) {
      detector_->report(at, endpoint, origin);
    }
  }
  void report_active_check(double now, const std::string& address, bool healthy) {
    const balance::EndpointId endpoint = known(address);
    detector_->report_active_check(reached(now), endpoint, healthy);
  }
  void advance(double now) { static_cast<void>(reached(now)); }

  [[nodiscard]] bool is_ejected(const std::string& address) const {
    return detector_->is_ejected(known(address));
  }
  [[nodiscard]] std::vector<std::string> ejected() const {
    std::vector<std::string> list;
    for (const std::string& name : names_) {
      if (is_ejected(name)) {
        list.push_back(name);
      }
    }
    return list;
  }
  [[nodiscard]] double next_deadline() const { return seconds_of(detector_->next_deadline()); }
  [[nodiscard]] std::uint32_t backoff(const std::string& address) const {
    return detector_->backoff(known(address));
  }
  [[nodiscard]] py::object success_rate() const {
    const auto& last = detector_->last_success_rate();
    if (!last) {
      return py::none();
    }
    py::dict row;
    row["mean"] = last->mean;
    row["deviation"] = last->deviation;
    row["threshold"] = last->threshold;
    return row;
  }
  py::list take_events() {
    py::list rows;
    for (const OutlierEvent& event : detector_->events()) {
      py::dict row;
      row["at"] = seconds_of(event.at);
      row["endpoint"] = names_[event.endpoint.value()];
      row["action"] = bindings::name_of<OutlierAction>(event.action);
      row["cause"] = bindings::name_of<OutlierCause>(event.cause);
      row["value"] = event.value;
      row["threshold"] = event.threshold;
      row["ejected_hosts"] = event.ejected_hosts;
      row["hosts"] = event.hosts;
      row["ejection_time"] = seconds_of(event.ejection_time);
      rows.append(row);
    }
    detector_->clear_events();
    return rows;
  }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() const {
    py::dict state;
    state["hosts"] = detector_->host_count();
    state["ejected"] = detector_->ejected_count();
    return repr_text("OutlierDetector", values_, state);
  }

 private:
  /// Sweeps that were due before are carried out at their own times, up to a bound: after a long
  /// silence the last ones are what counts.
  [[nodiscard]] Instant reached(double now) {
    constexpr int kSweepsMax = 10'000;
    const Instant at = time_.at(now);
    for (int sweep = 0; sweep < kSweepsMax && detector_->next_deadline() <= at; ++sweep) {
      detector_->on_deadline(detector_->next_deadline());
    }
    detector_->on_deadline(at);
    return at;
  }
  [[nodiscard]] balance::EndpointId known(const std::string& address) const {
    const auto found = ids_.find(address);
    if (found == ids_.end()) {
      refuse_value("OutlierDetector: endpoint", "\"" + address + "\"", "the address of an endpoint",
                   chaos::nearest_name(address, names_));
    }
    return found->second;
  }

  py::dict values_;
  TimeLine time_;
  std::unique_ptr<OutlierDetector> detector_;
  std::unordered_map<std::string, balance::EndpointId> ids_;
  std::vector<std::string> names_;
};

class PhiFace {
 public:
  explicit PhiFace(const py::kwargs& arguments) {
    const auto options = options_from<PhiAccrualOptions>(arguments, "PhiAccrual", values_);
    detector_ = constructed("PhiAccrual", [&] { return std::make_unique<PhiAccrual>(options); });
  }
  void heartbeat(double now) { detector_->heartbeat(time_.at(now)); }
  /// Asking about another time changes nothing, so any time may be asked about.
  [[nodiscard]] py::object phi(const Column<double>& now) const {
    py::array_t<double> values(std::vector<py::ssize_t>{now.shape(), now.shape() + now.ndim()});
    double* const out = values.mutable_data();
    for (py::ssize_t i = 0; i < now.size(); ++i) {
      out[i] = detector_->phi(instant_of(now.data()[i]));
    }
    return now.ndim() == 0 ? py::object{py::float_(out[0])} : py::object{values};
  }
  [[nodiscard]] bool is_available(double now) const {
    return detector_->is_available(instant_of(now));
  }
  [[nodiscard]] double suspected_at() const { return seconds_of(detector_->suspected_at()); }
  [[nodiscard]] std::uint32_t sample_count() const { return detector_->sample_count(); }
  [[nodiscard]] double mean() const { return detector_->mean_nanoseconds() / 1e9; }
  [[nodiscard]] double deviation() const { return detector_->deviation_nanoseconds() / 1e9; }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() const {
    py::dict state;
    state["samples"] = sample_count();
    state["suspected_at"] = suspected_at();
    return repr_text("PhiAccrual", values_, state);
  }

 private:
  py::dict values_;
  TimeLine time_;
  std::unique_ptr<PhiAccrual> detector_;
};

/// Envoy's active health checks of one host.
class HealthCheckFace {
 public:
  HealthCheckFace(std::uint64_t seed, double now, const py::kwargs& arguments) {
    const auto options = options_from<EnvoyHealthCheckOptions>(arguments, "HealthCheck", values_);
    check_ = constructed("HealthCheck", [&] {
      return std::make_unique<EnvoyHealthCheck>(options, time_.at(now),
                                                RandomStream{seed, "health_check"});
    });
  }
  std::optional<std::pair<std::uint64_t, double>> advance(double now) {
    const auto attempt = check_->on_deadline(time_.at(now));
    return attempt ? std::optional{std::pair{attempt->number, seconds_of(attempt->deadline)}}
                   : std::nullopt;
  }
  std::string succeed(double now, std::uint64_t attempt) {
    return bindings::name_of<CheckTransition>(check_->succeed(time_.at(now), attempt));
  }
  std::string fail(double now, std::uint64_t attempt, const py::object& failure,
                   const py::object& retry) {
    const auto why = enum_from<CheckFailure>(failure, "HealthCheck: failure");
    const auto again = enum_from<CheckRetry>(retry, "HealthCheck: retry");
    return bindings::name_of<CheckTransition>(check_->fail(time_.at(now), attempt, why, again));
  }
  std::string fail_passively() {
    return bindings::name_of<CheckTransition>(check_->fail_passively());
  }
  void note_traffic() { check_->note_traffic(); }
  [[nodiscard]] double next_deadline() const { return seconds_of(check_->next_deadline()); }
  [[nodiscard]] bool is_healthy() const { return check_->is_healthy(); }
  [[nodiscard]] std::uint64_t attempts() const { return check_->attempts(); }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() const {
    py::dict state;
    state["is_healthy"] = is_healthy();
    state["next_deadline"] = next_deadline();
    return repr_text("HealthCheck", values_, state);
  }

 private:
  py::dict values_;
  TimeLine time_;
  std::unique_ptr<EnvoyHealthCheck> check_;
};

/// A kubelet's probes of one container.
class ContainerProbesFace {
 public:
  ContainerProbesFace(double now, const py::kwargs& arguments) {
    options_ = options_from<ContainerProbesOptions>(arguments, "ContainerProbes", values_);
    probes_ = constructed("ContainerProbes", [&] {
      return std::make_unique<ContainerProbes>(options_, time_.at(now));
    });
  }
  py::list advance(double now) {
    probes_->on_deadline(time_.at(now));
    return questions();
  }
  py::list settle(double now, const py::object& kind, std::uint64_t attempt, bool succeeded) {
    const auto probe = enum_from<ProbeKind>(kind, "ContainerProbes: kind");
    probes_->settle(time_.at(now), probe, attempt,
                    succeeded ? ProbeAnswer::success : ProbeAnswer::failure);
    return questions();
  }
  void restart(double now) { probes_->restart(time_.at(now)); }
  [[nodiscard]] double next_deadline() const { return seconds_of(probes_->next_deadline()); }
  [[nodiscard]] bool is_started() const { return probes_->is_started(); }
  [[nodiscard]] bool is_ready() const { return probes_->is_ready(); }
  [[nodiscard]] bool wants_restart() const { return probes_->wants_restart(); }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() const {
    py::dict state;
    state["is_started"] = is_started();
    state["is_ready"] = is_ready();
    state["wants_restart"] = wants_restart();
    return repr_text("ContainerProbes", values_, state);
  }

 private:
  /// (kind, attempt, deadline) of each probe to send now.
  py::list questions() {
    py::list list;
    while (const std::optional<ProbeQuestion> question = probes_->poll()) {
      list.append(py::make_tuple(bindings::name_of<ProbeKind>(question->kind),
                                 question->attempt.number, seconds_of(question->attempt.deadline)));
    }
    return list;
  }

  ContainerProbesOptions options_;
  py::dict values_;
  TimeLine time_;
  std::unique_ptr<ContainerProbes> probes_;
};

py::dict threshold_of(const std::vector<double>& rates, double factor) {
  const SuccessRateThreshold found =
      constructed("success_rate_threshold", [&] { return success_rate_threshold(rates, factor); });
  py::dict row;
  row["mean"] = found.mean;
  row["deviation"] = found.deviation;
  row["threshold"] = found.threshold;
  return row;
}

void bind_outliers(py::module_& module) {
  using py::arg;
  py::class_<OutlierFace>(module, "OutlierDetector",
                          "Ejects endpoints that do worse than the others; times in seconds.")
      .def(py::init([](const py::object& endpoints, std::uint64_t seed, double now,
                       const py::kwargs& parameters) {
             return std::make_unique<OutlierFace>(endpoints, seed, now, parameters);
           }),
           arg("endpoints") = py::tuple(), py::kw_only(), arg("seed") = 0, arg("now") = 0.0)
      .def("update", &OutlierFace::update, arg("endpoints"))
      .def("report", &OutlierFace::report, arg("now"), arg("endpoint"), arg("result") = true,
           py::kw_only(), arg("count") = 1,
           "`count` results: an HTTP status, True or False, or an origin result such as "
           "\"local_origin_timeout\". Sweeps due before are carried out first.")
      .def("report_active_check", &OutlierFace::report_active_check, arg("now"), arg("endpoint"),
           arg("healthy"))
      .def("advance", &OutlierFace::advance, arg("now"), "Carries out the sweeps due up to `now`.")
      .def("is_ejected", &OutlierFace::is_ejected, arg("endpoint"))
      .def("backoff", &OutlierFace::backoff, arg("endpoint"))
      .def("take_events", &OutlierFace::take_events,
           "Decisions since the last call, a dict each, with the numbers behind them.")
      .def_property_readonly("ejected", &OutlierFace::ejected)
      .def_property_readonly("next_deadline", &OutlierFace::next_deadline)
      .def_property_readonly(
          "success_rate", &OutlierFace::success_rate,
          "Of the last sweep: mean, deviation and threshold in percent, or None.")
      .def_property_readonly("parameters", &OutlierFace::parameters)
      .def_static("defaults", &defaults_of<OutlierOptions>)
      .def("__repr__", &OutlierFace::repr);
  module.def("success_rate_threshold", &threshold_of, arg("rates"), arg("factor") = 1.9,
             "Envoy's bound: the mean of the success rates less `factor` standard deviations.");
}

}  // namespace

void bind_health(py::module_& module) {
  using py::arg;
  bind_outliers(module);
  py::class_<PhiFace>(module, "PhiAccrual", "How unlikely a silence is: the phi accrual detector.")
      .def(py::init<const py::kwargs&>())
      .def("heartbeat", &PhiFace::heartbeat, arg("now"))
      .def("phi", &PhiFace::phi, arg("now"),
           "-log10 of the chance of such a silence; for a time or an array of times in seconds.")
      .def("is_available", &PhiFace::is_available, arg("now"))
      .def_property_readonly("suspected_at", &PhiFace::suspected_at)
      .def_property_readonly("sample_count", &PhiFace::sample_count)
      .def_property_readonly("mean", &PhiFace::mean)
      .def_property_readonly("deviation", &PhiFace::deviation)
      .def_property_readonly("parameters", &PhiFace::parameters)
      .def_static("defaults", &defaults_of<PhiAccrualOptions>)
      .def("__repr__", &PhiFace::repr);
  py::class_<HealthCheckFace>(module, "HealthCheck", "Envoy's active health check of one host.")
      .def(py::init([](std::uint64_t seed, double now, const py::kwargs& parameters) {
             return std::make_unique<HealthCheckFace>(seed, now, parameters);
           }),
           py::kw_only(), arg("seed") = 0, arg("now") = 0.0)
      .def("advance", &HealthCheckFace::advance, arg("now"),
           "What is due: (attempt, deadline) of a check to send now, or None.")
      .def("succeed", &HealthCheckFace::succeed, arg("now"), arg("attempt"))
      .def("fail", &HealthCheckFace::fail, arg("now"), arg("attempt"), arg("failure") = "active",
           arg("retry") = "never")
      .def("fail_passively", &HealthCheckFace::fail_passively)
      .def("note_traffic", &HealthCheckFace::note_traffic)
      .def_property_readonly("next_deadline", &HealthCheckFace::next_deadline)
      .def_property_readonly("is_healthy", &HealthCheckFace::is_healthy)
      .def_property_readonly("attempts", &HealthCheckFace::attempts)
      .def_property_readonly("parameters", &HealthCheckFace::parameters)
      .def_static("defaults", &defaults_of<EnvoyHealthCheckOptions>)
      .def("__repr__", &HealthCheckFace::repr);
  py::class_<ContainerProbesFace>(module, "ContainerProbes", "A kubelet's probes of one container.")
      .def(py::init([](double now, const py::kwargs& parameters) {
             return std::make_unique<ContainerProbesFace>(now, parameters);
           }),
           py::kw_only(), arg("now") = 0.0)
      .def("advance", &ContainerProbesFace::advance, arg("now"),
           "What is due: (kind, attempt, deadline) of each probe to send now.")
      .def("settle", &ContainerProbesFace::settle, arg("now"), arg("kind"), arg("attempt"),
           arg("succeeded"))
      .def("restart", &ContainerProbesFace::restart, arg("now"))
      .def_property_readonly("next_deadline", &ContainerProbesFace::next_deadline)
      .def_property_readonly("is_started", &ContainerProbesFace::is_started)
      .def_property_readonly("is_ready", &ContainerProbesFace::is_ready)
      .def_property_readonly("wants_restart", &ContainerProbesFace::wants_restart)
      .def_property_readonly("parameters", &ContainerProbesFace::parameters)
      .def_static("defaults", &defaults_of<ContainerProbesOptions>)
      .def("__repr__", &ContainerProbesFace::repr);
}

}  // namespace windtunnel::bindings
