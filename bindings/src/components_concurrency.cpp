#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

#include "bindings/src/component_arrays.hpp"
#include "bindings/src/component_values.hpp"
#include "bindings/src/components.hpp"
#include "models/breaker/aimd_limit.hpp"
#include "models/breaker/concurrency_limiter.hpp"
#include "models/breaker/envoy_admission_control.hpp"
#include "models/breaker/envoy_gradient_limit.hpp"
#include "models/breaker/gradient2_limit.hpp"
#include "models/breaker/partitioned_limiter.hpp"
#include "models/breaker/sre_throttle.hpp"
#include "models/breaker/vegas_limit.hpp"
#include "models/breaker/windowed_limit.hpp"

namespace windtunnel::breaker {

BOOST_DESCRIBE_ENUM(LimitOutcome, succeeded, dropped, ignored)
BOOST_DESCRIBE_STRUCT(AimdLimitOptions, (), (initial, backoff_ratio, timeout))
BOOST_DESCRIBE_STRUCT(VegasLimitOptions, (), (initial, maximum, smoothing, probe_multiplier))
BOOST_DESCRIBE_STRUCT(Gradient2LimitOptions, (),
                      (initial, minimum, maximum, smoothing, queue_size, rtt_tolerance,
                       long_window))
BOOST_DESCRIBE_STRUCT(EnvoyGradientLimitOptions, (),
                      (window, measurement_interval, measurement_jitter, measurement_calls, minimum,
                       maximum, quantile, buffer))

}  // namespace windtunnel::breaker

namespace windtunnel::bindings {

using namespace breaker;

/// Netflix's limits learn from windows of samples or, without one, from each.
struct SampleWindow {
  std::optional<Duration> window{};
  std::optional<Duration> window_maximum{};  ///< Absent: every window lasts `window`.
  std::uint32_t samples_minimum = 10;
  Duration rtt_minimum = std::chrono::microseconds{100};
};
BOOST_DESCRIBE_STRUCT(SampleWindow, (), (window, window_maximum, samples_minimum, rtt_minimum))

struct SreParameters {
  double k = 2;
  Duration window = std::chrono::minutes{2};
  std::uint32_t buckets = 120;
  std::uint64_t requests_minimum = 0;
};
BOOST_DESCRIBE_STRUCT(SreParameters, (), (k, window, buckets, requests_minimum))

struct AdmissionControlParameters {
  Share success_ratio{95, 100};
  Duration window = std::chrono::seconds{30};
  double aggression = 1;
  std::uint64_t requests_per_second_minimum = 0;
  Share rejection_maximum{80, 100};
};
BOOST_DESCRIBE_STRUCT(AdmissionControlParameters, (),
                      (success_ratio, window, aggression, requests_per_second_minimum,
                       rejection_maximum))

namespace {

using Limit = std::unique_ptr<ConcurrencyLimit>;

struct MadeLimit {
  Limit limit;
  py::dict values{};
};

struct LimitKind {
  const char* name;
  MadeLimit (*make)(Given& given, std::uint64_t seed, Instant now);
};

/// A limit that learns from windows of samples, where the parameters say so.
template <typename Made, typename Options, bool kDraws>
MadeLimit make_netflix(Given& given, std::uint64_t seed, Instant) {
  Options options{};
  SampleWindow samples;
  if constexpr (std::is_same_v<Options, Gradient2LimitOptions>) {
    samples.window = WindowedLimitOptions{}.window_minimum;
  }
  given.read(options);
  given.read(samples);
  MadeLimit made;
  list_parameters(made.values, options);
  list_parameters(made.values, samples);
  made.limit = constructed(given.where(), [&]() -> Limit {
    Limit limit;
    if constexpr (kDraws) {
      limit = std::make_unique<Made>(options, RandomStream{seed, "concurrency"});
    } else {
      limit = std::make_unique<Made>(options);
    }
    if (!samples.window) {
      return limit;
    }
    const WindowedLimitOptions window{
        .window_minimum = *samples.window,
        .window_maximum = samples.window_maximum.value_or(*samples.window),
        .samples_minimum = samples.samples_minimum,
        .rtt_minimum = samples.rtt_minimum};
    return std::make_unique<WindowedLimit>(window, std::move(limit));
  });
  return made;
}

MadeLimit make_envoy_gradient(Given& given, std::uint64_t seed, Instant now) {
  EnvoyGradientLimitOptions options;
  given.read(options);
  MadeLimit made;
  list_parameters(made.values, options);
  made.limit = constructed(given.where(), [&]() -> Limit {
    return std::make_unique<EnvoyGradientLimit>(options, RandomStream{seed, "concurrency"}, now);
  });
  return made;
}

const std::array kKinds = {
    LimitKind{"gradient2", make_netflix<Gradient2Limit, Gradient2LimitOptions, false>},
    LimitKind{"vegas", make_netflix<VegasLimit, VegasLimitOptions, true>},
    LimitKind{"aimd", make_netflix<AimdLimit, AimdLimitOptions, false>},
    LimitKind{"envoy_gradient", make_envoy_gradient},
};

const LimitKind& kind_of(const std::string& name) {
  std::vector<std::string> names;
  for (const LimitKind& kind : kKinds) {
    if (kind.name == name) {
      return kind;
    }
    names.emplace_back(kind.name);
  }
  refuse_value("ConcurrencyLimiter: kind", "\"" + name + "\"", choices_text(names),
               chaos::nearest_name(name, names));
}

LimitOutcome outcome_from(const py::object& outcome) {
  if (PyBool_Check(outcome.ptr())) {
    return outcome.ptr() == Py_True ? LimitOutcome::succeeded : LimitOutcome::dropped;
  }
  return enum_from<LimitOutcome>(outcome, "ConcurrencyLimiter: outcome");
}

struct LimitPermitFace {
  LimitPermit permit{};
  std::optional<PartitionId> partition{};
  const void* limiter = nullptr;
};

/// With shares a partitioned limiter, without a plain one.
class ConcurrencyLimiterFace {
 public:
  ConcurrencyLimiterFace(const std::string& kind, std::uint64_t seed, double now,
                         const std::optional<std::vector<double>>& shares,
                         const py::kwargs& arguments)
      : kind_(kind) {
    Given given{arguments, fmt::format("ConcurrencyLimiter(\"{}\")", kind)};
    MadeLimit made = kind_of(kind).make(given, seed, time_.at(now));
    given.refuse_unknown();
    values_ = made.values;
    constructed(given.where(), [&] {
      if (shares) {
        partitions_ = shares->size();
        partitioned_ = std::make_unique<PartitionedLimiter>(std::move(made.limit), *shares);
      } else {
        limiter_ = std::make_unique<ConcurrencyLimiter>(std::move(made.limit));
      }
      return 0;
    });
  }

  std::optional<LimitPermitFace> admit(double now, std::optional<std::uint32_t> partition) {
    if (limiter_) {
      if (partition) {
        refuse_value(where() + ": partition", fmt::format("{}", *partition),
                     "none, or a limiter with shares");
      }
      const auto permit = limiter_->admit(time_.at(now));
      return permit ? std::optional{LimitPermitFace{*permit, {}, this}} : std::nullopt;
    }
    const auto permit = partitioned_->admit(time_.at(now), known(partition.value_or(0)));
    return permit ? std::optional{LimitPermitFace{permit->permit, permit->partition, this}}
                  : std::nullopt;
  }
  void settle(double now, LimitPermitFace& permit, const py::object& outcome) {
    if (permit.limiter != this) {
      refuse_value(where() + ": settle", "a permit settled before, or of another limiter",
                   "one of this limiter's");
    }
    const LimitOutcome ended = outcome_from(outcome);
    const Instant at = time_.at(now);
    permit.limiter = nullptr;
    if (limiter_) {
      limiter_->settle(at, permit.permit, ended);
    } else {
      partitioned_->settle(at, {permit.permit, *permit.partition}, ended);
    }
  }
  [[nodiscard]] std::uint32_t limit(double now) {
    const Instant at = time_.at(now);
    return limiter_ ? limiter_->limit(at) : partitioned_->limit(at);
  }
  [[nodiscard]] std::uint32_t guaranteed(double now, std::uint32_t partition) {
    if (!partitioned_) {
      refuse_type(where(), "guaranteed()", "a limiter with shares");
    }
    return partitioned_->guaranteed(time_.at(now), known(partition));
  }
  [[nodiscard]] std::uint32_t in_flight() const {
    return limiter_ ? limiter_->in_flight() : partitioned_->in_flight();
  }
  [[nodiscard]] std::uint64_t refused() const { return limiter_ ? limiter_->refused() : 0; }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() {
    py::dict state;
    state["limit"] =
        limiter_ ? limiter_->limit(time_.latest()) : partitioned_->limit(time_.latest());
    state["in_flight"] = in_flight();
    std::string text = repr_text("ConcurrencyLimiter", values_, state);
    return text.insert(text.find('(') + 1, fmt::format("'{}', ", kind_));
  }
  static py::dict kinds() {
    py::dict all;
    for (const LimitKind& kind : kKinds) {
      Given nothing{py::kwargs{}, kind.name};
      all[kind.name] = kind.make(nothing, 0, Instant{}).values;
    }
    return all;
  }

 private:
  [[nodiscard]] std::string where() const {
    return fmt::format("ConcurrencyLimiter(\"{}\")", kind_);
  }
  [[nodiscard]] PartitionId known(std::uint32_t partition) const {
    if (partition >= partitions_) {
      refuse_value(where() + ": partition", fmt::format("{}", partition),
                   fmt::format("0 to {}", partitions_ - 1));
    }
    return PartitionId{partition};
  }

  std::string kind_;
  py::dict values_;
  TimeLine time_;
  std::unique_ptr<ConcurrencyLimiter> limiter_;
  std::unique_ptr<PartitionedLimiter> partitioned_;
  std::size_t partitions_ = 0;
};

/// Calls that a client turns down itself while the service turns them down, or fails them.
class ThrottleFace {
 public:
  ThrottleFace(const std::string& kind, std::uint64_t seed, const py::kwargs& arguments)
      : kind_(kind) {
    Given given{arguments, fmt::format("Throttle(\"{}\")", kind)};
    const RandomStream random{seed, "throttle"};
    if (kind == "sre") {
      SreParameters sre;
      given.read(sre);
      given.refuse_unknown();
      list_parameters(values_, sre);
      sre_ = constructed(given.where(), [&] {
        const std::uint32_t buckets = std::max(sre.buckets, 1U);
        return std::make_unique<SreThrottle>(
            SreThrottleOptions{.requests_per_accept = sre.k,
                               .bucket_length = std::max(sre.window / buckets, Duration{1}),
                               .bucket_count = sre.buckets,
                               .requests_minimum = sre.requests_minimum},
            random);
      });
      return;
    }
    if (kind != "envoy_admission_control") {
      const std::vector<std::string> names = {"sre", "envoy_admission_control"};
      refuse_value("Throttle: kind", "\"" + kind + "\"", choices_text(names),
                   chaos::nearest_name(kind, names));
    }
    AdmissionControlParameters envoy;
    given.read(envoy);
    given.refuse_unknown();
    list_parameters(values_, envoy);
    constexpr Duration kSecond = std::chrono::seconds{1};
    constexpr Duration kWindowMax = std::chrono::hours{24};
    if (envoy.window < kSecond || envoy.window > kWindowMax) {
      refuse_value(given.where() + ": window", fmt::format("{}", seconds_of(envoy.window)),
                   "a second to a day");
    }
    envoy_ = constructed(given.where(), [&] {
      const auto ratio = [](const Share& share) {
        return static_cast<double>(share.parts) / share.whole;
      };
      return std::make_unique<EnvoyAdmissionControl>(
          EnvoyAdmissionControlOptions{
              .success_threshold = ratio(envoy.success_ratio),
              .aggression = envoy.aggression,
              .requests_per_second_minimum = envoy.requests_per_second_minimum,
              .rejection_maximum = ratio(envoy.rejection_maximum),
              .window_seconds = static_cast<std::uint32_t>(envoy.window / kSecond)},
          random);
    });
  }

  bool admit(double now) { return admit_at(time_.at(now)); }
  void settle(double now, bool succeeded) { settle_at(time_.at(now), succeeded); }
  /// One call after the other, each ended at once.
  py::array_t<bool> admit_many(const Column<double>& now, const Column<bool>& succeeded) {
    const auto count = static_cast<std::size_t>(std::max(now.size(), succeeded.size()));
    const Broadcast<double> times{now, count, "admit_many: now"};
    const Broadcast<bool> results{succeeded, count, "admit_many: succeeded"};
    py::array_t<bool> admitted(static_cast<py::ssize_t>(count));
    bool* const out = admitted.mutable_data();
    for (std::size_t i = 0; i < count; ++i) {
      const Instant at = time_.at(times[i]);
      out[i] = admit_at(at);
      if (out[i]) {
        settle_at(at, results[i]);
      }
    }
    return admitted;
  }
  [[nodiscard]] double rejection_probability(double now) {
    const Instant at = time_.at(now);
    return sre_ ? sre_->rejection_probability(at) : envoy_->rejection_probability(at);
  }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() const {
    py::dict state;
    state["rejection_probability"] = sre_ ? sre_->rejection_probability(time_.latest())
                                          : envoy_->rejection_probability(time_.latest());
    std::string text = repr_text("Throttle", values_, state);
    return text.insert(text.find('(') + 1, fmt::format("'{}', ", kind_));
  }
  static py::dict kinds() {
    py::dict all;
    py::dict sre;
    list_parameters(sre, SreParameters{});
    all["sre"] = sre;
    py::dict envoy;
    list_parameters(envoy, AdmissionControlParameters{});
    all["envoy_admission_control"] = envoy;
    return all;
  }

 private:
  bool admit_at(Instant now) { return sre_ ? sre_->admit(now) : envoy_->admit(now); }
  void settle_at(Instant now, bool succeeded) {
    using Result = EnvoyAdmissionControl::Result;
    if (envoy_) {
      envoy_->settle(now, succeeded ? Result::succeeded : Result::failed);
    } else if (succeeded) {
      sre_->accept(now);
    }
  }

  std::string kind_;
  py::dict values_;
  TimeLine time_;
  std::unique_ptr<SreThrottle> sre_;
  std::unique_ptr<EnvoyAdmissionControl> envoy_;
};

}  // namespace

void bind_concurrency(py::module_& module) {
  using py::arg;
  py::class_<LimitPermitFace>(module, "LimitPermit",
                              "Leave for one call under a concurrency limit.")
      .def_property_readonly(
          "admitted", [](const LimitPermitFace& face) { return seconds_of(face.permit.admitted); })
      .def_property_readonly("in_flight",
                             [](const LimitPermitFace& face) { return face.permit.in_flight; });
  py::class_<ConcurrencyLimiterFace>(module, "ConcurrencyLimiter",
                                     "So many calls at once, as many as latency allows.")
      .def(py::init([](const std::string& kind, std::uint64_t seed, double now,
                       const std::optional<std::vector<double>>& shares,
                       const py::kwargs& parameters) {
             return std::make_unique<ConcurrencyLimiterFace>(kind, seed, now, shares, parameters);
           }),
           arg("kind") = "gradient2", py::kw_only(), arg("seed") = 0, arg("now") = 0.0,
           arg("shares") = py::none())
      .def("admit", &ConcurrencyLimiterFace::admit, arg("now"), arg("partition") = py::none(),
           "A permit, or None where as many calls are under way as the limit allows.")
      .def("settle", &ConcurrencyLimiterFace::settle, arg("now"), arg("permit"),
           arg("outcome") = true,
           "The call ended: \"succeeded\", \"dropped\" (or False: it timed out or was turned away) "
           "or \"ignored\".")
      .def("limit", &ConcurrencyLimiterFace::limit, arg("now"))
      .def("guaranteed", &ConcurrencyLimiterFace::guaranteed, arg("now"), arg("partition"))
      .def_property_readonly("in_flight", &ConcurrencyLimiterFace::in_flight)
      .def_property_readonly("refused", &ConcurrencyLimiterFace::refused)
      .def_property_readonly("parameters", &ConcurrencyLimiterFace::parameters)
      .def_static("kinds", &ConcurrencyLimiterFace::kinds)
      .def("__repr__", &ConcurrencyLimiterFace::repr);
  py::class_<ThrottleFace>(module, "Throttle",
                           "Turns calls down at the client while the service turns them down.")
      .def(py::init([](const std::string& kind, std::uint64_t seed, const py::kwargs& parameters) {
             return std::make_unique<ThrottleFace>(kind, seed, parameters);
           }),
           arg("kind") = "sre", py::kw_only(), arg("seed") = 0)
      .def("admit", &ThrottleFace::admit, arg("now"))
      .def("settle", &ThrottleFace::settle, arg("now"), arg("succeeded") = true,
           "An admitted call ended: accepted by the service, or not.")
      .def("admit_many", &ThrottleFace::admit_many, arg("now"), arg("succeeded") = true,
           "Calls at the times `now`, shape (n,), each ended at once; bool of shape (n,).")
      .def("rejection_probability", &ThrottleFace::rejection_probability, arg("now"))
      .def_property_readonly("parameters", &ThrottleFace::parameters)
      .def_static("kinds", &ThrottleFace::kinds)
      .def("__repr__", &ThrottleFace::repr);
}

}  // namespace windtunnel::bindings
