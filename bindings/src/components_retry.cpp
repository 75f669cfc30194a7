#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include <pybind11/stl.h>

#include "bindings/src/component_arrays.hpp"
#include "bindings/src/component_values.hpp"
#include "bindings/src/components.hpp"
#include "models/retry/active_retry_budget.hpp"
#include "models/retry/aws_retry_quota.hpp"
#include "models/retry/backoff.hpp"
#include "models/retry/grpc_retry_throttle.hpp"
#include "models/retry/hedging.hpp"
#include "models/retry/latency_quantile.hpp"
#include "models/retry/retry_budget.hpp"
#include "models/retry/retry_policy.hpp"

namespace windtunnel::retry {

BOOST_DESCRIBE_ENUM(AttemptOutcome, succeeded, refused, unavailable, throttled, timed_out, failed,
                    cancelled)
BOOST_DESCRIBE_ENUM(Jitter, none, full, equal, decorrelated, proportional)
BOOST_DESCRIBE_STRUCT(BackoffOptions, (), (initial, max, multiplier, jitter, spread))
BOOST_DESCRIBE_STRUCT(AwsRetryQuotaOptions, (),
                      (capacity, retry_cost, timeout_cost, throttling_cost, first_try_reward))
BOOST_DESCRIBE_STRUCT(GrpcRetryThrottleOptions, (), (milli_tokens_max, milli_tokens_per_success))
BOOST_DESCRIBE_STRUCT(RetryBudgetOptions, (), (ttl, ratio, retries_per_second_min))
BOOST_DESCRIBE_STRUCT(RetryOptions, (),
                      (attempts_max, retryable, attempt_timeout, attempt_time_min, backoff,
                       throttled_initial))
BOOST_DESCRIBE_ENUM(StopReason, succeeded, not_retryable, committed, pushback, attempts_exhausted,
                    deadline, budget, cancelled)
BOOST_DESCRIBE_STRUCT(HedgingOptions, (), (attempts_max, delay, non_fatal))
BOOST_DESCRIBE_ENUM(HedgedResult, succeeded, failed, deadline)
BOOST_DESCRIBE_STRUCT(LatencyQuantileOptions, (), (quantile, window, observations_min, before_that))

}  // namespace windtunnel::retry

namespace windtunnel::bindings {

using namespace retry;

template <>
struct detail::ValueReader<OutcomeSet> {
  static void read(py::handle value, const std::string& where, OutcomeSet& into) {
    std::vector<AttemptOutcome> outcomes;
    read_list(value, where, outcomes);
    into = OutcomeSet{};
    for (const AttemptOutcome outcome : outcomes) {
      // A set grows by being made of its members.
      into = with(into, outcome);
    }
  }
  static py::object write(const OutcomeSet& outcomes) {
    py::list names;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<AttemptOutcome>>([&](auto each) {
      if (outcomes.contains(each.value)) {
        names.append(each.name);
      }
    });
    return names;
  }

 private:
  using Outcomes = AttemptOutcome;
  static OutcomeSet with(const OutcomeSet& set, AttemptOutcome added) {
    const auto has = [&](AttemptOutcome each) {
      return set.contains(each) || each == added ? each : added;
    };
    return {has(Outcomes::succeeded), has(Outcomes::refused),   has(Outcomes::unavailable),
            has(Outcomes::throttled), has(Outcomes::timed_out), has(Outcomes::failed),
            has(Outcomes::cancelled)};
  }
};

namespace {

AttemptOutcome outcome_from(const py::object& outcome, const std::string& where) {
  if (PyBool_Check(outcome.ptr())) {
    return outcome.ptr() == Py_True ? AttemptOutcome::succeeded : AttemptOutcome::unavailable;
  }
  return enum_from<AttemptOutcome>(outcome, where);
}

/// Negative seconds are a server's "do not come again".
std::optional<Duration> pushback_from(const std::optional<double>& seconds) {
  if (!seconds) {
    return std::nullopt;
  }
  return *seconds < 0 ? Duration{-1} : instant_of(*seconds).time_since_epoch();
}

struct MadeBudget {
  std::unique_ptr<Budget> budget;
  py::dict values{};
};

struct BudgetKind {
  const char* name;
  MadeBudget (*make)(Given& given);
};

template <typename Made, typename Options, Options (*kDefaults)()>
MadeBudget make_budget(Given& given) {
  Options options = kDefaults();
  given.read(options);
  MadeBudget made;
  list_parameters(made.values, options);
  made.budget = constructed(given.where(), [&] { return std::make_unique<Made>(options); });
  return made;
}

ActiveRetryShare envoy_share() {
  return {};
}
GrpcRetryThrottleOptions grpc_throttle() {
  return {};
}

const std::array kBudgetKinds = {
    BudgetKind{"active", make_budget<ActiveRetryBudget, ActiveRetryShare, envoy_share>},
    BudgetKind{"grpc", make_budget<GrpcRetryThrottle, GrpcRetryThrottleOptions, grpc_throttle>},
    BudgetKind{"aws",
               make_budget<AwsRetryQuota, AwsRetryQuotaOptions, AwsRetryQuotaOptions::standard>},
    BudgetKind{
        "aws_2026",
        make_budget<AwsRetryQuota, AwsRetryQuotaOptions, AwsRetryQuotaOptions::standard_2026>},
    BudgetKind{"finagle",
               make_budget<RetryBudget, RetryBudgetOptions, RetryBudgetOptions::finagle>},
    BudgetKind{"sre", make_budget<RetryBudget, RetryBudgetOptions, RetryBudgetOptions::sre>},
};

/// What a retry took from its budget.
struct WithdrawalFace {
  Withdrawal withdrawal{};
};

class BudgetFace {
 public:
  BudgetFace(const std::string& kind, const py::kwargs& arguments) : kind_(kind) {
    Given given{arguments, fmt::format("RetryBudget(\"{}\")", kind)};
    made_ = find(kind).make(given);
    given.refuse_unknown();
  }

  void attempt_started(double now, bool retry) {
    const Instant at = time_.at(now);
    ++under_way_;
    made_.budget->attempt_started(at, retry ? AttemptKind::retry : AttemptKind::first);
  }
  void attempt_ended(double now, const py::object& outcome,
                     const std::optional<WithdrawalFace>& spent, bool retryable,
                     std::optional<double> pushback) {
    const AttemptEnd end{.outcome = outcome_from(outcome, "RetryBudget: outcome"),
                         .pushback = pushback_from(pushback)};
    if (under_way_ == 0) {
      refuse_value("RetryBudget: attempt_ended", "no attempt under way", "one that has started");
    }
    const Instant at = time_.at(now);
    --under_way_;
    made_.budget->attempt_ended(at, end, retryable ? Retryable::yes : Retryable::no,
                                spent ? std::optional{spent->withdrawal} : std::nullopt);
  }
  std::optional<WithdrawalFace> try_withdraw(double now, const py::object& cause) {
    const AttemptOutcome read = outcome_from(cause, "RetryBudget: cause");
    const std::optional<Withdrawal> taken = made_.budget->try_withdraw(time_.at(now), read);
    return taken ? std::optional{WithdrawalFace{*taken}} : std::nullopt;
  }
  void cancel(double now, const WithdrawalFace& withdrawal) {
    made_.budget->cancel(time_.at(now), withdrawal.withdrawal);
  }
  [[nodiscard]] py::dict state() const {
    py::dict state;
    Budget* const budget = made_.budget.get();
    if (auto* const active = dynamic_cast<ActiveRetryBudget*>(budget)) {
      state["limit"] = active->limit();
      state["retries"] = active->retries();
    } else if (auto* const grpc = dynamic_cast<GrpcRetryThrottle*>(budget)) {
      state["milli_tokens"] = grpc->milli_tokens();
    } else if (auto* const aws = dynamic_cast<AwsRetryQuota*>(budget)) {
      state["tokens"] = aws->tokens();
    } else if (auto* const windowed = dynamic_cast<RetryBudget*>(budget)) {
      state["balance"] = windowed->balance(time_.latest());
    }
    return state;
  }
  [[nodiscard]] const std::string& kind() const { return kind_; }
  [[nodiscard]] py::dict parameters() const { return made_.values; }
  [[nodiscard]] std::string repr() const {
    std::string text = repr_text("RetryBudget", made_.values, state());
    return text.insert(text.find('(') + 1, fmt::format("'{}', ", kind_));
  }
  [[nodiscard]] Budget* budget() const { return made_.budget.get(); }

  static py::dict kinds() {
    py::dict all;
    for (const BudgetKind& kind : kBudgetKinds) {
      Given nothing{py::kwargs{}, kind.name};
      all[kind.name] = kind.make(nothing).values;
    }
    return all;
  }

 private:
  static const BudgetKind& find(const std::string& name) {
    std::vector<std::string> names;
    for (const BudgetKind& kind : kBudgetKinds) {
      if (kind.name == name) {
        return kind;
      }
      names.emplace_back(kind.name);
    }
    refuse_value("RetryBudget: kind", "\"" + name + "\"", choices_text(names),
                 chaos::nearest_name(name, names));
  }

  std::string kind_;
  MadeBudget made_;
  TimeLine time_;
  std::uint64_t under_way_ = 0;
};

struct BackoffPreset {
  const char* name;
  BackoffOptions options;
};

std::vector<BackoffPreset> backoff_presets() {
  return {{"default", {}},
          {"grpc_2017", BackoffOptions::grpc_2017()},
          {"grpc", BackoffOptions::grpc()},
          {"grpc_connection", BackoffOptions::grpc_connection()},
          {"envoy", BackoffOptions::envoy()},
          {"aws", BackoffOptions::aws()},
          {"aws_2026", BackoffOptions::aws_2026()}};
}

template <typename Presets>
auto preset_from(const Presets& presets, const std::string& name, const std::string& where) {
  std::vector<std::string> names;
  for (const auto& preset : presets) {
    if (preset.name == name) {
      return preset.options;
    }
    names.emplace_back(preset.name);
  }
  refuse_value(where, "\"" + name + "\"", choices_text(names), chaos::nearest_name(name, names));
}

class BackoffFace {
 public:
  BackoffFace(const std::string& preset, std::uint64_t seed, const py::kwargs& arguments)
      : options_(preset_from(backoff_presets(), preset, "Backoff: preset")),
        random_(seed, "backoff") {
    Given given{arguments, fmt::format("Backoff(\"{}\")", preset)};
    given.read(options_);
    given.refuse_unknown();
    list_parameters(values_, options_);
    backoff_ = constructed(given.where(), [&] { return std::make_unique<Backoff>(options_); });
  }

  double next() {
    ++steps_;
    return seconds_of(backoff_->next(random_));
  }
  double next_from(const py::object& initial) {
    ++steps_;
    return seconds_of(backoff_->next_from(duration_from(initial, "Backoff: initial"), random_));
  }
  py::array_t<double> next_many(std::size_t count) {
    py::array_t<double> delays(static_cast<py::ssize_t>(count));
    double* const out = delays.mutable_data();
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = next();
    }
    return delays;
  }
  void reset() {
    steps_ = 0;
    backoff_->reset();
  }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() const {
    py::dict state;
    state["steps"] = steps_;
    return repr_text("Backoff", values_, state);
  }
  static py::dict presets() {
    py::dict all;
    for (const BackoffPreset& preset : backoff_presets()) {
      py::dict values;
      list_parameters(values, preset.options);
      all[preset.name] = values;
    }
    return all;
  }

 private:
  BackoffOptions options_;
  py::dict values_;
  std::unique_ptr<Backoff> backoff_;
  RandomStream random_;
  std::uint64_t steps_ = 0;
};

struct RetryPreset {
  const char* name;
  RetryOptions options;
};

std::vector<RetryPreset> retry_presets() {
  return {{"default", {}},
          {"grpc", RetryOptions::grpc()},
          {"aws", RetryOptions::aws()},
          {"aws_2026", RetryOptions::aws_2026()}};
}

Deadline deadline_of(double seconds) {
  return std::isinf(seconds) ? Deadline::never() : Deadline{instant_of(seconds)};
}

AttemptEnd end_from(const py::object& outcome, bool committed, std::optional<double> pushback,
                    const std::string& where) {
  return {.outcome = outcome_from(outcome, where),
          .commitment = committed ? Commitment::committed : Commitment::open,
          .pushback = pushback_from(pushback)};
}

/// One call with its retries.
class RetryPolicyFace {
 public:
  RetryPolicyFace(const std::string& preset, double deadline, const BudgetFace* budget,
                  std::uint64_t seed, const py::kwargs& arguments)
      : options_(preset_from(retry_presets(), preset, "RetryPolicy: preset")),
        random_(seed, "retry") {
    Given given{arguments, fmt::format("RetryPolicy(\"{}\")", preset)};
    given.read(options_);
    given.refuse_unknown();
    list_parameters(values_, options_);
    policy_ = constructed(given.where(), [&] {
      return std::make_unique<RetryPolicy>(options_, deadline_of(deadline),
                                           budget == nullptr ? nullptr : budget->budget());
    });
  }

  double begin_attempt(double now) {
    return seconds_of(policy_->begin_attempt(time_.at(now)).at());
  }
  /// Seconds to wait before the next attempt, or why there is none.
  py::object settle(double now, const py::object& outcome, bool committed,
                    std::optional<double> pushback) {
    const AttemptEnd end = end_from(outcome, committed, pushback, "RetryPolicy: outcome");
    const Decision decision = policy_->settle(time_.at(now), end, random_);
    if (const auto* const again = std::get_if<RetryAfter>(&decision)) {
      return py::float_(seconds_of(again->delay));
    }
    return py::str(name_of(std::get<Stop>(decision).reason));
  }
  void cancel(double now) { policy_->cancel(time_.at(now)); }
  [[nodiscard]] std::uint32_t attempts() const { return policy_->attempts(); }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() const {
    py::dict state;
    state["attempts"] = attempts();
    return repr_text("RetryPolicy", values_, state);
  }
  static py::dict presets() {
    py::dict all;
    for (const RetryPreset& preset : retry_presets()) {
      py::dict values;
      list_parameters(values, preset.options);
      all[preset.name] = values;
    }
    return all;
  }

 private:
  RetryOptions options_;  ///< Which the policy refers to.
  py::dict values_;
  std::unique_ptr<RetryPolicy> policy_;
  RandomStream random_;
  TimeLine time_;
};

/// One call with copies sent before the first has answered.
class HedgingFace {
 public:
  HedgingFace(double deadline, const BudgetFace* budget, const py::kwargs& arguments) {
    Given given{arguments, "Hedging"};
    given.read(options_);
    given.refuse_unknown();
    list_parameters(values_, options_);
    hedging_ = constructed(given.where(), [&] {
      return std::make_unique<Hedging>(options_, deadline_of(deadline),
                                       budget == nullptr ? nullptr : budget->budget());
    });
  }

  py::list start(double now) { return actions_of(hedging_->start(time_.at(now))); }
  py::list on_timer(double now) { return actions_of(hedging_->on_timer(time_.at(now))); }
  py::list on_result(double now, std::uint32_t attempt, const py::object& outcome, bool committed,
                     std::optional<double> pushback) {
    const AttemptEnd end = end_from(outcome, committed, pushback, "Hedging: outcome");
    return actions_of(hedging_->on_result(time_.at(now), attempt, end));
  }
  [[nodiscard]] double next_timer() const { return seconds_of(hedging_->next_timer()); }
  [[nodiscard]] bool is_finished() const { return hedging_->is_finished(); }
  [[nodiscard]] std::uint32_t attempts_sent() const { return hedging_->attempts_sent(); }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() const {
    py::dict state;
    state["attempts_sent"] = attempts_sent();
    state["is_finished"] = is_finished();
    return repr_text("Hedging", values_, state);
  }
  static py::dict defaults() {
    py::dict values;
    list_parameters(values, HedgingOptions{});
    return values;
  }

 private:
  static py::list actions_of(Hedging::Actions actions) {
    py::list list;
    for (const HedgingAction& action : actions) {
      if (const auto* const send = std::get_if<SendAttempt>(&action)) {
        list.append(py::make_tuple("send", send->attempt));
      } else if (const auto* const cancel = std::get_if<CancelAttempt>(&action)) {
        list.append(py::make_tuple("cancel", cancel->attempt));
      } else {
        const auto& finish = std::get<Finish>(action);
        list.append(py::make_tuple(name_of(finish.result), finish.attempt));
      }
    }
    return list;
  }

  HedgingOptions options_;  ///< Which the hedging refers to.
  py::dict values_;
  std::unique_ptr<Hedging> hedging_;
  TimeLine time_;
};

class LatencyQuantileFace {
 public:
  explicit LatencyQuantileFace(const py::kwargs& arguments) {
    Given given{arguments, "LatencyQuantile"};
    LatencyQuantileOptions options;
    given.read(options);
    given.refuse_unknown();
    list_parameters(values_, options);
    quantile_ =
        constructed(given.where(), [&] { return std::make_unique<LatencyQuantile>(options); });
  }
  void observe(double now, double latency) {
    quantile_->observe(time_.at(now), instant_of(latency).time_since_epoch());
  }
  double at(double now) { return seconds_of(quantile_->at(time_.at(now))); }
  [[nodiscard]] py::dict parameters() const { return values_; }
  static py::dict defaults() {
    py::dict values;
    list_parameters(values, LatencyQuantileOptions{});
    return values;
  }

 private:
  py::dict values_;
  std::unique_ptr<LatencyQuantile> quantile_;
  TimeLine time_;
};

}  // namespace

void bind_retries(py::module_& module) {
  using py::arg;
  const double never = std::numeric_limits<double>::infinity();
  py::class_<WithdrawalFace>(module, "Withdrawal", "What a retry took from its budget.")
      .def_property_readonly("tokens",
                             [](const WithdrawalFace& face) { return face.withdrawal.tokens; });
  py::class_<BudgetFace>(module, "RetryBudget", "How many retries a client may make.")
      .def(py::init<const std::string&, const py::kwargs&>(), arg("kind") = "finagle")
      .def("attempt_started", &BudgetFace::attempt_started, arg("now"), py::kw_only(),
           arg("retry") = false)
      .def("attempt_ended", &BudgetFace::attempt_ended, arg("now"), arg("outcome") = true,
           py::kw_only(), arg("spent") = py::none(), arg("retryable") = true,
           arg("pushback") = py::none(),
           "An attempt ended; `spent` is the withdrawal that a retry was made with.")
      .def("try_withdraw", &BudgetFace::try_withdraw, arg("now"), arg("cause") = "unavailable",
           "Leave for one retry after such a failure, or None.")
      .def("cancel", &BudgetFace::cancel, arg("now"), arg("withdrawal"),
           "The retry is not made after all.")
      .def_property_readonly("kind", &BudgetFace::kind)
      .def_property_readonly("state", &BudgetFace::state)
      .def_property_readonly("parameters", &BudgetFace::parameters)
      .def_static("kinds", &BudgetFace::kinds, "Every kind with its parameters and defaults.")
      .def("__repr__", &BudgetFace::repr);
  py::class_<BackoffFace>(module, "Backoff", "How long to wait before each retry, in seconds.")
      .def(
          py::init([](const std::string& preset, std::uint64_t seed, const py::kwargs& parameters) {
            return std::make_unique<BackoffFace>(preset, seed, parameters);
          }),
          arg("preset") = "default", py::kw_only(), arg("seed") = 0)
      .def("next", &BackoffFace::next, "Seconds to wait before the next retry.")
      .def("next_from", &BackoffFace::next_from, arg("initial"),
           "The same, from another first step.")
      .def("next_many", &BackoffFace::next_many, arg("count"),
           "The next `count` delays, float64 of shape (count,).")
      .def("reset", &BackoffFace::reset, "Starts over, as after a success.")
      .def_property_readonly("parameters", &BackoffFace::parameters)
      .def_static("presets", &BackoffFace::presets)
      .def("__repr__", &BackoffFace::repr);
  py::class_<RetryPolicyFace>(module, "RetryPolicy", "One call with its retries.")
      .def(py::init([](const std::string& preset, double deadline, const BudgetFace* budget,
                       std::uint64_t seed, const py::kwargs& parameters) {
             return std::make_unique<RetryPolicyFace>(preset, deadline, budget, seed, parameters);
           }),
           arg("preset") = "default", py::kw_only(), arg("deadline") = never,
           arg("budget") = py::none(), arg("seed") = 0, py::keep_alive<1, 4>())
      .def("begin_attempt", &RetryPolicyFace::begin_attempt, arg("now"),
           "An attempt goes out; returns its own deadline, inf for none.")
      .def("settle", &RetryPolicyFace::settle, arg("now"), arg("outcome"), py::kw_only(),
           arg("committed") = false, arg("pushback") = py::none(),
           "Seconds to wait before the next attempt, or the reason why there is none.")
      .def("cancel", &RetryPolicyFace::cancel, arg("now"), "The caller has given up.")
      .def_property_readonly("attempts", &RetryPolicyFace::attempts)
      .def_property_readonly("parameters", &RetryPolicyFace::parameters)
      .def_static("presets", &RetryPolicyFace::presets)
      .def("__repr__", &RetryPolicyFace::repr);
  py::class_<HedgingFace>(module, "Hedging", "One call, sent to several before the first answers.")
      .def(py::init([](double deadline, const BudgetFace* budget, const py::kwargs& parameters) {
             return std::make_unique<HedgingFace>(deadline, budget, parameters);
           }),
           py::kw_only(), arg("deadline") = never, arg("budget") = py::none(),
           py::keep_alive<1, 3>())
      .def(
          "start", &HedgingFace::start, arg("now"),
          "What to do, as tuples: (\"send\", attempt), (\"cancel\", attempt) or (result, attempt).")
      .def("on_timer", &HedgingFace::on_timer, arg("now"))
      .def("on_result", &HedgingFace::on_result, arg("now"), arg("attempt"), arg("outcome"),
           py::kw_only(), arg("committed") = false, arg("pushback") = py::none())
      .def_property_readonly("next_timer", &HedgingFace::next_timer)
      .def_property_readonly("is_finished", &HedgingFace::is_finished)
      .def_property_readonly("attempts_sent", &HedgingFace::attempts_sent)
      .def_property_readonly("parameters", &HedgingFace::parameters)
      .def_static("defaults", &HedgingFace::defaults)
      .def("__repr__", &HedgingFace::repr);
  py::class_<LatencyQuantileFace>(module, "LatencyQuantile",
                                  "A quantile of recent latencies, for hedging.")
      .def(py::init<const py::kwargs&>())
      .def("observe", &LatencyQuantileFace::observe, arg("now"), arg("latency"))
      .def("at", &LatencyQuantileFace::at, arg("now"))
      .def_property_readonly("parameters", &LatencyQuantileFace::parameters)
      .def_static("defaults", &LatencyQuantileFace::defaults);
}

}  // namespace windtunnel::bindings
