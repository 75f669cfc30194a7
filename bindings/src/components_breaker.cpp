#include <memory>
#include <string>
#include <utility>
#include <variant>

#include <pybind11/stl.h>

#include "bindings/src/component_arrays.hpp"
#include "bindings/src/component_values.hpp"
#include "bindings/src/components.hpp"
#include "models/breaker/breaker.hpp"
#include "models/breaker/bulkhead.hpp"
#include "models/breaker/presets.hpp"
#include "models/proxy/route_parts.hpp"

namespace windtunnel::breaker {

BOOST_DESCRIBE_ENUM(Reach, at_least, above)
BOOST_DESCRIBE_ENUM(Judge, every_call, bad_calls_only)
BOOST_DESCRIBE_ENUM(FailTrial, at_decision, when_certain)
BOOST_DESCRIBE_ENUM(Outcome, succeeded, failed, ignored)
BOOST_DESCRIBE_ENUM(Force, open, closed, metrics_only)
BOOST_DESCRIBE_ENUM(Settlement, counted, stale)
BOOST_DESCRIBE_ENUM(State, closed, open, half_open, forced_open, forced_closed, metrics_only)
BOOST_DESCRIBE_ENUM(Cause, error_ratio, slow_ratio, consecutive_errors, error_count,
                    open_interval_over, trial_passed, trial_failed, forced, released)
BOOST_DESCRIBE_STRUCT(CallCounts, (), (calls, errors, slow))
BOOST_DESCRIBE_STRUCT(BreakerTotals, (), (admitted, refused, settled, stale, leaked, would_trip))
BOOST_DESCRIBE_ENUM(Resource, connection, pending_request, request, retry, connection_pool)
BOOST_DESCRIBE_STRUCT(BulkheadLimits, (),
                      (connections, pending_requests, requests, retries, connection_pools,
                       retry_budget))

}  // namespace windtunnel::breaker

namespace windtunnel::bindings {

using namespace breaker;

/// All settings of a breaker in one level, under the scenario format's names where it has one.
struct BreakerParameters {
  std::optional<Share> error_ratio{};
  Reach error_reach = Reach::at_least;
  std::uint64_t minimum = 1;
  std::optional<Share> slow_ratio{};
  Reach slow_reach = Reach::at_least;
  std::uint64_t slow_minimum = 1;
  Duration slow_after = std::chrono::seconds{60};
  std::optional<std::uint64_t> consecutive_errors{};
  std::uint64_t consecutive_minimum = 0;
  std::optional<std::uint64_t> error_count{};
  std::uint64_t error_count_minimum = 0;
  Judge judge = Judge::every_call;
  Duration window = std::chrono::seconds{10};  ///< Of time, unless calls are counted.
  std::uint32_t buckets = 10;
  std::optional<std::uint32_t> window_calls{};  ///< The last so many, in the place of a time.
  Duration open_for = std::chrono::seconds{60};
  double open_growth = 1;
  Duration open_for_max = std::chrono::minutes{10};
  Share open_jitter{0, 100};
  std::uint32_t half_open = 10;
  std::uint32_t half_open_decide_after = 0;
  Share half_open_error_ratio = Share::percent(50);
  Reach half_open_error_reach = Reach::at_least;
  std::optional<Share> half_open_slow_ratio{};
  Reach half_open_slow_reach = Reach::at_least;
  FailTrial half_open_fail = FailTrial::at_decision;
  Duration leak_timeout = std::chrono::minutes{1};
};
BOOST_DESCRIBE_STRUCT(BreakerParameters, (),
                      (error_ratio, error_reach, minimum, slow_ratio, slow_reach, slow_minimum,
                       slow_after, consecutive_errors, consecutive_minimum, error_count,
                       error_count_minimum, judge, window, buckets, window_calls, open_for,
                       open_growth, open_for_max, open_jitter, half_open, half_open_decide_after,
                       half_open_error_ratio, half_open_error_reach, half_open_slow_ratio,
                       half_open_slow_reach, half_open_fail, leak_timeout))

namespace {

BreakerParameters parameters_of(const BreakerOptions& options) {
  BreakerParameters parameters;
  if (const auto& errors = options.triggers.error_ratio) {
    parameters.error_ratio = errors->threshold.share;
    parameters.error_reach = errors->threshold.reach;
    parameters.minimum = errors->minimum_calls;
  }
  if (const auto& slow = options.triggers.slow_ratio) {
    parameters.slow_ratio = slow->threshold.share;
    parameters.slow_reach = slow->threshold.reach;
    parameters.slow_minimum = slow->minimum_calls;
  }
  if (const auto& in_row = options.triggers.consecutive_errors) {
    parameters.consecutive_errors = in_row->count;
    parameters.consecutive_minimum = in_row->minimum_calls;
  }
  if (const auto& count = options.triggers.error_count) {
    parameters.error_count = count->count;
    parameters.error_count_minimum = count->minimum_calls;
  }
  parameters.judge = options.triggers.judge;
  parameters.slow_after = options.slow_call;
  if (const auto* const time = std::get_if<TimeWindowOptions>(&options.window)) {
    parameters.window = time->bucket_length * time->bucket_count;
    parameters.buckets = time->bucket_count;
  } else {
    parameters.window_calls = std::get<CountWindowOptions>(options.window).size;
  }
  parameters.open_for = options.open.first;
  parameters.open_growth = options.open.growth;
  parameters.open_for_max = options.open.longest;
  parameters.open_jitter = options.open.jitter;
  parameters.half_open = options.trial.permits;
  parameters.half_open_decide_after = options.trial.decide_after;
  parameters.half_open_error_ratio = options.trial.errors.share;
  parameters.half_open_error_reach = options.trial.errors.reach;
  if (const auto& slow = options.trial.slow) {
    parameters.half_open_slow_ratio = slow->share;
    parameters.half_open_slow_reach = slow->reach;
  }
  parameters.half_open_fail = options.trial.fail;
  parameters.leak_timeout = options.trial.leak_timeout;
  return parameters;
}

BreakerOptions options_of(const BreakerParameters& parameters) {
  BreakerOptions options;
  options.triggers.judge = parameters.judge;
  if (parameters.error_ratio) {
    options.triggers.error_ratio =
        RatioTrigger{{*parameters.error_ratio, parameters.error_reach}, parameters.minimum};
  }
  if (parameters.slow_ratio) {
    options.triggers.slow_ratio =
        RatioTrigger{{*parameters.slow_ratio, parameters.slow_reach}, parameters.slow_minimum};
  }
  if (parameters.consecutive_errors) {
    options.triggers.consecutive_errors =
        CountTrigger{*parameters.consecutive_errors, parameters.consecutive_minimum};
  }
  if (parameters.error_count) {
    options.triggers.error_count =
        CountTrigger{*parameters.error_count, parameters.error_count_minimum};
  }
  options.slow_call = parameters.slow_after;
  if (parameters.window_calls) {
    options.window = CountWindowOptions{.size = *parameters.window_calls};
  } else {
    const std::uint32_t buckets = std::max(parameters.buckets, 1U);
    options.window =
        TimeWindowOptions{.bucket_length = std::max(parameters.window / buckets, Duration{1}),
                          .bucket_count = parameters.buckets};
  }
  options.open = {.first = parameters.open_for,
                  .growth = parameters.open_growth,
                  .longest = std::max(parameters.open_for_max, parameters.open_for),
                  .jitter = parameters.open_jitter};
  options.trial.permits = parameters.half_open;
  options.trial.decide_after = parameters.half_open_decide_after;
  options.trial.errors = {parameters.half_open_error_ratio, parameters.half_open_error_reach};
  if (parameters.half_open_slow_ratio) {
    options.trial.slow =
        Threshold{*parameters.half_open_slow_ratio, parameters.half_open_slow_reach};
  }
  options.trial.fail = parameters.half_open_fail;
  options.trial.leak_timeout = parameters.leak_timeout;
  return options;
}

struct Preset {
  const char* name;
  BreakerOptions options;
};

/// Sentinel's rules have no defaults for these.
constexpr Duration kSentinelOpen = std::chrono::seconds{10};
constexpr Duration kSentinelSlow = std::chrono::milliseconds{200};

std::vector<Preset> presets() {
  const Share half = Share::percent(50);
  return {{"scenario", proxy::breaker_options_of({})},
          {"resilience4j_2", resilience4j_2()},
          {"hystrix_1_5", hystrix_1_5()},
          {"sentinel_1_8_slow_ratio", sentinel_1_8_slow_ratio(kSentinelSlow, half, kSentinelOpen)},
          {"sentinel_1_8_error_ratio", sentinel_1_8_error_ratio(half, kSentinelOpen)},
          {"sentinel_1_8_error_count", sentinel_1_8_error_count(5, kSentinelOpen)},
          {"gobreaker_2", gobreaker_2()}};
}

BreakerOptions preset_of(const std::string& name) {
  std::vector<std::string> names;
  for (const Preset& preset : presets()) {
    if (preset.name == name) {
      return preset.options;
    }
    names.emplace_back(preset.name);
  }
  refuse_value("Breaker: preset", "\"" + name + "\"", choices_text(names),
               chaos::nearest_name(name, names));
}

/// Leave to make one call. Belongs to the breaker that gave it.
struct PermitFace {
  Permit permit{};
  const void* breaker = nullptr;
};

class BreakerFace {
 public:
  BreakerFace(const std::string& preset, std::uint64_t seed, const py::kwargs& arguments)
      : parameters_(parameters_of(preset_of(preset))) {
    Given given{arguments, fmt::format("Breaker(\"{}\")", preset)};
    const bool sets_first_only =
        arguments.contains("open_for") && !arguments.contains("open_for_max");
    const bool was_constant = parameters_.open_for == parameters_.open_for_max;
    given.read(parameters_);
    given.refuse_unknown();
    if (sets_first_only && was_constant) {
      parameters_.open_for_max = parameters_.open_for;
    }
    list_parameters(values_, parameters_);
    breaker_ = constructed(given.where(), [&] {
      return std::make_unique<Breaker>(options_of(parameters_), RandomStream{seed, "breaker"});
    });
  }

  std::optional<PermitFace> admit(double now) {
    const Admission admission = breaker_->admit(time_.at(now));
    if (const auto* const permit = std::get_if<Permit>(&admission)) {
      refusal_ = {};
      return PermitFace{*permit, this};
    }
    refusal_ = std::get<Refusal>(admission);
    return std::nullopt;
  }

  std::string settle(double now, const PermitFace& permit, py::handle outcome) {
    if (permit.breaker != this) {
      refuse_value("Breaker: settle", "a permit of another breaker", "one of this breaker's");
    }
    const Outcome ended = outcome_from(outcome, "Breaker: outcome");
    return name_of(breaker_->settle(time_.at(now), permit.permit, ended));
  }

  /// One call after the other: admitted or not, and settled `latency` later, before the next one is
  /// asked for.
  py::array_t<bool> admit_many(const Column<double>& now, const Column<bool>& succeeded,
                               const Column<double>& latency) {
    const auto count = static_cast<std::size_t>(std::max(now.size(), succeeded.size()));
    const Broadcast<double> times{now, count, "admit_many: now"};
    const Broadcast<bool> results{succeeded, count, "admit_many: succeeded"};
    const Broadcast<double> latencies{latency, count, "admit_many: latency"};
    py::array_t<bool> admitted(static_cast<py::ssize_t>(count));
    bool* const out = admitted.mutable_data();
    for (std::size_t i = 0; i < count; ++i) {
      const Admission admission = breaker_->admit(time_.at(times[i]));
      const auto* const permit = std::get_if<Permit>(&admission);
      out[i] = permit != nullptr;
      if (permit != nullptr) {
        const Instant ended = time_.at(times[i] + latencies[i]);
        breaker_->settle(ended, *permit, results[i] ? Outcome::succeeded : Outcome::failed);
      }
    }
    return admitted;
  }

  void advance(double now) { breaker_->advance(time_.at(now)); }
  void force(double now, py::handle target) {
    breaker_->force(time_.at(now), enum_from<Force>(target, "Breaker: force"));
  }
  void release(double now) { breaker_->release(time_.at(now)); }

  [[nodiscard]] std::optional<double> next_deadline() const {
    return as_seconds(breaker_->next_deadline());
  }
  /// Of the last refusal.
  [[nodiscard]] std::optional<double> retry_at() const { return as_seconds(refusal_.retry_at); }
  [[nodiscard]] std::string state() const {
    return std::string{breaker::name_of(breaker_->state())};
  }
  [[nodiscard]] py::object counts(double now) { return value_to(breaker_->counts(time_.at(now))); }
  [[nodiscard]] py::object totals() const { return value_to(breaker_->totals()); }
  [[nodiscard]] std::uint64_t consecutive_errors() const { return breaker_->consecutive_errors(); }
  [[nodiscard]] std::uint32_t trips_in_row() const { return breaker_->trips_in_row(); }

  [[nodiscard]] py::list take_transitions() {
    py::list list;
    while (const std::optional<Transition> change = breaker_->take_transition()) {
      py::dict row;
      row["at"] = seconds_of(change->at);
      row["from"] = bindings::name_of<State>(change->from);
      row["to"] = bindings::name_of<State>(change->to);
      row["cause"] = bindings::name_of<Cause>(change->cause);
      row["calls"] = change->counts.calls;
      row["errors"] = change->counts.errors;
      row["slow"] = change->counts.slow;
      row["consecutive_errors"] = change->consecutive_errors;
      row["trips_in_row"] = change->trips_in_row;
      row["open_for"] = seconds_of(change->open_interval);
      list.append(row);
    }
    return list;
  }

  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() const {
    py::dict state;
    state["state"] = this->state();
    state["admitted"] = breaker_->totals().admitted;
    state["refused"] = breaker_->totals().refused;
    return repr_text("Breaker", values_, state);
  }

  static py::dict all_presets() {
    py::dict all;
    for (const Preset& preset : presets()) {
      py::dict values;
      list_parameters(values, parameters_of(preset.options));
      all[preset.name] = values;
    }
    return all;
  }

 private:
  static Outcome outcome_from(py::handle outcome, const std::string& where) {
    if (PyBool_Check(outcome.ptr())) {
      return outcome.ptr() == Py_True ? Outcome::succeeded : Outcome::failed;
    }
    return enum_from<Outcome>(outcome, where);
  }
  [[nodiscard]] static std::optional<double> as_seconds(const std::optional<Instant>& at) {
    return at ? std::optional{seconds_of(*at)} : std::nullopt;
  }

  BreakerParameters parameters_;
  py::dict values_;
  std::unique_ptr<Breaker> breaker_;
  TimeLine time_;
  Refusal refusal_;
};

class BulkheadFace {
 public:
  explicit BulkheadFace(const py::kwargs& arguments) : bulkhead_(limits_from(arguments, values_)) {}

  bool admit(const py::object& resource) { return bulkhead_.admit(resource_from(resource)); }
  void settle(const py::object& resource) {
    const Resource what = resource_from(resource);
    if (bulkhead_.in_use(what) == 0) {
      refuse_value("Bulkhead: settle", "no " + name_of(what) + " in use", "one that was admitted");
    }
    bulkhead_.settle(what);
  }
  [[nodiscard]] std::uint64_t in_use(const py::object& resource) const {
    return bulkhead_.in_use(resource_from(resource));
  }
  [[nodiscard]] std::uint64_t limit(const py::object& resource) const {
    return bulkhead_.limit(resource_from(resource));
  }
  [[nodiscard]] std::uint64_t overflows(const py::object& resource) const {
    return bulkhead_.overflows(resource_from(resource));
  }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() const {
    py::dict state;
    for (const std::string& name : names_of<Resource>()) {
      state[py::str(name)] = in_use(py::str(name));
    }
    return repr_text("Bulkhead", values_, state);
  }
  static py::dict defaults() {
    py::dict values;
    list_parameters(values, BulkheadLimits{});
    return values;
  }

 private:
  static Resource resource_from(const py::object& name) {
    return enum_from<Resource>(name, "Bulkhead: resource");
  }
  static BulkheadLimits limits_from(const py::kwargs& arguments, py::dict& values) {
    Given given{arguments, "Bulkhead"};
    BulkheadLimits limits;
    given.read(limits);
    given.refuse_unknown();
    list_parameters(values, limits);
    return limits;
  }

  py::dict values_;
  Bulkhead bulkhead_;
};

}  // namespace

void bind_breakers(py::module_& module) {
  using py::arg;
  py::class_<PermitFace>(module, "Permit", "Leave to make one call, to be settled once.")
      .def_property_readonly(
          "admitted", [](const PermitFace& face) { return seconds_of(face.permit.admitted); })
      .def_property_readonly("generation",
                             [](const PermitFace& face) { return face.permit.generation.value(); })
      .def_property_readonly("serial", [](const PermitFace& face) { return face.permit.serial; })
      .def("__repr__", [](const PermitFace& face) {
        return fmt::format("Permit(admitted={}, generation={}, serial={})",
                           seconds_of(face.permit.admitted), face.permit.generation.value(),
                           face.permit.serial);
      });
  py::class_<BreakerFace>(module, "Breaker", "A circuit breaker; step by step, times in seconds.")
      .def(
          py::init([](const std::string& preset, std::uint64_t seed, const py::kwargs& parameters) {
            return std::make_unique<BreakerFace>(preset, seed, parameters);
          }),
          arg("preset") = "scenario", py::kw_only(), arg("seed") = 0)
      .def("admit", &BreakerFace::admit, arg("now"),
           "A permit for one call, or None while calls are turned away.")
      .def(
          "settle", &BreakerFace::settle, arg("now"), arg("permit"), arg("outcome") = true,
          "How the call ended: \"succeeded\", \"failed\", \"ignored\", or a bool. Its time is what "
          "has passed since admit(). Returns \"counted\" or \"stale\".")
      .def("admit_many", &BreakerFace::admit_many, arg("now"), arg("succeeded") = true,
           arg("latency") = 0.0,
           "Calls at the times `now`, shape (n,), one after the other; each that is admitted ends "
           "`latency` seconds later, before the next. Returns bool of shape (n,).")
      .def("advance", &BreakerFace::advance, arg("now"),
           "Carries out what time alone brings: half-open after the open interval, leaked permits.")
      .def("force", &BreakerFace::force, arg("now"), arg("target"),
           "An operator's \"open\", \"closed\" or \"metrics_only\".")
      .def("release", &BreakerFace::release, arg("now"), "Back to closed, with an empty window.")
      .def("counts", &BreakerFace::counts, arg("now"),
           "Calls, errors and slow calls in the window.")
      .def("take_transitions", &BreakerFace::take_transitions,
           "Changes of state since the last call, a dict each; at most 16 are kept.")
      .def_property_readonly("state", &BreakerFace::state)
      .def_property_readonly("next_deadline", &BreakerFace::next_deadline)
      .def_property_readonly("retry_at", &BreakerFace::retry_at,
                             "Of the last refusal: when asking again can help, or None.")
      .def_property_readonly("totals", &BreakerFace::totals)
      .def_property_readonly("consecutive_errors", &BreakerFace::consecutive_errors)
      .def_property_readonly("trips_in_row", &BreakerFace::trips_in_row)
      .def_property_readonly("parameters", &BreakerFace::parameters)
      .def_static("presets", &BreakerFace::all_presets,
                  "Every preset with its parameters and their values.")
      .def("__repr__", &BreakerFace::repr);
  py::class_<BulkheadFace>(module, "Bulkhead",
                           "Envoy's circuit breakers: so much of each resource at once.")
      .def(py::init<const py::kwargs&>())
      .def("admit", &BulkheadFace::admit, arg("resource") = "request")
      .def("settle", &BulkheadFace::settle, arg("resource") = "request")
      .def("in_use", &BulkheadFace::in_use, arg("resource") = "request")
      .def("limit", &BulkheadFace::limit, arg("resource") = "request")
      .def("overflows", &BulkheadFace::overflows, arg("resource") = "request")
      .def_property_readonly("parameters", &BulkheadFace::parameters)
      .def_static("defaults", &BulkheadFace::defaults)
      .def("__repr__", &BulkheadFace::repr);
}

}  // namespace windtunnel::bindings
