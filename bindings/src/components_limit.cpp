#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include <pybind11/stl.h>

#include "bindings/src/component_arrays.hpp"
#include "bindings/src/component_values.hpp"
#include "bindings/src/components.hpp"
#include "models/limit/concurrency_limit.hpp"
#include "models/limit/dry_run.hpp"
#include "models/limit/fixed_window.hpp"
#include "models/limit/gcra.hpp"
#include "models/limit/hierarchical_limiter.hpp"
#include "models/limit/keyed_limiter.hpp"
#include "models/limit/nginx_limit_req.hpp"
#include "models/limit/pacer.hpp"
#include "models/limit/priority_reserve.hpp"
#include "models/limit/sentinel_qps.hpp"
#include "models/limit/sentinel_throttling.hpp"
#include "models/limit/sentinel_warm_up.hpp"
#include "models/limit/sliding_counter.hpp"
#include "models/limit/sliding_log.hpp"
#include "models/limit/token_bucket.hpp"

namespace windtunnel::limit {

BOOST_DESCRIBE_ENUM(Priority, ordinary, critical)
BOOST_DESCRIBE_STRUCT(SentinelThrottlingOptions, (),
                      (count, window_milliseconds, queueing_milliseconds_max))
BOOST_DESCRIBE_STRUCT(SentinelWarmUpOptions, (), (count, warm_up_seconds, cold_factor))
BOOST_DESCRIBE_STRUCT(KeyedLimiterOptions, (), (keys_max, key_bytes, salt))

}  // namespace windtunnel::limit

namespace windtunnel::bindings {

using limit::Decision;
using limit::Priority;

struct BucketParameters {
  RateValue rate{};
  std::uint32_t burst = 1;
};
BOOST_DESCRIBE_STRUCT(BucketParameters, (), (rate, burst))

struct ReserveParameters {
  RateValue rate{};
  std::uint32_t burst = 10;
  std::uint32_t reserved = 2;
};
BOOST_DESCRIBE_STRUCT(ReserveParameters, (), (rate, burst, reserved))

struct PacerParameters {
  RateValue rate{};
  Duration wait_max = std::chrono::milliseconds{500};
};
BOOST_DESCRIBE_STRUCT(PacerParameters, (), (rate, wait_max))

struct WindowParameters {
  std::uint32_t limit = 100;
  Duration window = std::chrono::seconds{1};
};
BOOST_DESCRIBE_STRUCT(WindowParameters, (), (limit, window))

struct NginxLimitReqParameters {
  RateValue rate{};
  std::uint32_t burst = 0;
  std::uint32_t delay = 0;
  bool nodelay = false;
};
BOOST_DESCRIBE_STRUCT(NginxLimitReqParameters, (), (rate, burst, delay, nodelay))

struct SentinelQpsParameters {
  double count = 100;
};
BOOST_DESCRIBE_STRUCT(SentinelQpsParameters, (), (count))

struct ConcurrencyParameters {
  std::uint32_t limit = 100;
  std::uint32_t reserved = 0;
};
BOOST_DESCRIBE_STRUCT(ConcurrencyParameters, (), (limit, reserved))

namespace {

class AnyLimiter {
 public:
  AnyLimiter() = default;
  AnyLimiter(const AnyLimiter&) = delete;
  AnyLimiter& operator=(const AnyLimiter&) = delete;
  virtual ~AnyLimiter() = default;

  [[nodiscard]] virtual Decision admit(Instant now, std::uint32_t n, Priority priority) = 0;
  [[nodiscard]] virtual std::optional<Decision> peek(Instant now, std::uint32_t n) const = 0;
  [[nodiscard]] virtual bool is_fresh(Instant now) const = 0;
  virtual void settle(std::uint32_t /*n*/) {
    refuse_type("Limiter", "settle()", "the kind \"concurrency\"");
  }
  virtual void add_state(Instant /*now*/, py::dict& /*state*/) const {}
};

template <typename Limiter>
concept CanPeek = requires(const Limiter& limiter, Instant now) {
  { limiter.peek(now, std::uint32_t{1}) } -> std::same_as<Decision>;
};

template <typename Limiter>
class PlainLimiter final : public AnyLimiter {
 public:
  explicit PlainLimiter(Limiter limiter) : limiter_(std::move(limiter)) {}

  [[nodiscard]] Decision admit(Instant now, std::uint32_t n, Priority priority) override {
    if constexpr (std::is_same_v<Limiter, limit::PriorityReserve>) {
      return limiter_.admit(now, n, priority);
    } else if constexpr (std::is_same_v<Limiter, limit::NginxLimitReq>) {
      if (n != 1) {
        refuse_value("Limiter(\"nginx_limit_req\"): n", fmt::format("{}", n), "1, as nginx has it");
      }
      return limiter_.admit(now);
    } else {
      return limiter_.admit(now, n);
    }
  }
  [[nodiscard]] std::optional<Decision> peek(Instant now, std::uint32_t n) const override {
    if constexpr (CanPeek<Limiter>) {
      return limiter_.peek(now, n);
    }
    return std::nullopt;
  }
  [[nodiscard]] bool is_fresh(Instant now) const override {
    if constexpr (requires { limiter_.is_fresh(now); }) {
      return limiter_.is_fresh(now);
    }
    return false;
  }
  void add_state(Instant now, py::dict& state) const override {
    if constexpr (std::is_same_v<Limiter, limit::TokenBucket>) {
      state["available"] = limiter_.available(now);
    } else if constexpr (std::is_same_v<Limiter, limit::NginxLimitReq>) {
      state["excess"] = static_cast<double>(limiter_.excess()) / 1'000;
    } else if constexpr (std::is_same_v<Limiter, limit::SentinelWarmUp>) {
      state["stored_tokens"] = limiter_.stored_tokens();
      state["allowed_qps"] = limiter_.allowed_qps();
      state["warning_tokens"] = limiter_.warning_tokens();
      state["tokens_max"] = limiter_.tokens_max();
    }
  }

 private:
  Limiter limiter_;
};

class UnderWayLimiter final : public AnyLimiter {
 public:
  explicit UnderWayLimiter(const ConcurrencyParameters& parameters)
      : limit_(parameters.limit, parameters.reserved) {}

  [[nodiscard]] Decision admit(Instant, std::uint32_t n, Priority priority) override {
    return limit_.admit(n, priority) ? Decision::pass() : Decision::refuse(Duration::max());
  }
  [[nodiscard]] std::optional<Decision> peek(Instant, std::uint32_t) const override {
    return std::nullopt;
  }
  [[nodiscard]] bool is_fresh(Instant) const override { return limit_.active() == 0; }
  void settle(std::uint32_t n) override {
    if (n > limit_.active()) {
      refuse_value("Limiter(\"concurrency\"): settle", fmt::format("{} of {}", n, limit_.active()),
                   "as many as are under way");
    }
    limit_.settle(n);
  }
  void add_state(Instant, py::dict& state) const override { state["active"] = limit_.active(); }

 private:
  limit::ConcurrencyLimit limit_;
};

using MakeLimiter = std::function<std::unique_ptr<AnyLimiter>(Instant)>;

struct LimiterKind {
  const char* name;
  bool has_priorities;
  MakeLimiter (*make)(Given& given, py::dict& values);
};

template <typename Parameters>
Parameters parameters_from(Given& given, py::dict& values) {
  Parameters parameters{};
  given.read(parameters);
  list_parameters(values, parameters);
  return parameters;
}

template <typename Limiter>
std::unique_ptr<AnyLimiter> boxed(Limiter limiter) {
  return std::make_unique<PlainLimiter<Limiter>>(std::move(limiter));
}

template <typename Limiter>
MakeLimiter make_bucket(Given& given, py::dict& values) {
  return [p = parameters_from<BucketParameters>(given, values)](Instant now) {
    return boxed(Limiter{p.rate.rate, p.burst, now});
  };
}

template <typename Limiter>
MakeLimiter make_window(Given& given, py::dict& values) {
  return [p = parameters_from<WindowParameters>(given, values)](Instant) {
    return boxed(Limiter{p.limit, p.window});
  };
}

MakeLimiter make_reserve(Given& given, py::dict& values) {
  return [p = parameters_from<ReserveParameters>(given, values)](Instant now) {
    return boxed(limit::PriorityReserve{p.rate.rate, p.burst, p.reserved, now});
  };
}

MakeLimiter make_pacer(Given& given, py::dict& values) {
  return [p = parameters_from<PacerParameters>(given, values)](Instant now) {
    return boxed(limit::Pacer{p.rate.rate, p.wait_max, now});
  };
}

/// nginx holds rates in thousandths of a request a second.
std::int64_t thousandths_of(const limit::Rate& rate) {
  constexpr double kScale = 1e12;
  return std::llround(static_cast<double>(rate.count()) * kScale / static_cast<double>(rate.per()));
}

MakeLimiter make_nginx(Given& given, py::dict& values) {
  const auto p = parameters_from<NginxLimitReqParameters>(given, values);
  const limit::NginxLimitReqOptions options{
      .rate_thousandths = thousandths_of(p.rate.rate),
      .burst = p.burst,
      .delay = p.nodelay ? limit::NginxLimitReqOptions::kNoDelay : p.delay};
  return [options](Instant) { return boxed(limit::NginxLimitReq{options}); };
}

MakeLimiter make_sentinel_qps(Given& given, py::dict& values) {
  return [p = parameters_from<SentinelQpsParameters>(given, values)](Instant) {
    return boxed(limit::SentinelQps{p.count});
  };
}

template <typename Limiter, typename Options>
MakeLimiter make_of_options(Given& given, py::dict& values) {
  return [p = parameters_from<Options>(given, values)](Instant) { return boxed(Limiter{p}); };
}

MakeLimiter make_concurrency(Given& given, py::dict& values) {
  return [p = parameters_from<ConcurrencyParameters>(given, values)](Instant) {
    return std::unique_ptr<AnyLimiter>{std::make_unique<UnderWayLimiter>(p)};
  };
}

const std::array kKinds = {
    LimiterKind{"token_bucket", false, make_bucket<limit::TokenBucket>},
    LimiterKind{"gcra", false, make_bucket<limit::Gcra>},
    LimiterKind{"pacer", false, make_pacer},
    LimiterKind{"priority_reserve", true, make_reserve},
    LimiterKind{"fixed_window", false, make_window<limit::FixedWindow>},
    LimiterKind{"sliding_counter", false, make_window<limit::SlidingCounter>},
    LimiterKind{"sliding_log", false, make_window<limit::SlidingLog>},
    LimiterKind{"nginx_limit_req", false, make_nginx},
    LimiterKind{"sentinel_qps", false, make_sentinel_qps},
    LimiterKind{"sentinel_throttling", false,
                make_of_options<limit::SentinelThrottling, limit::SentinelThrottlingOptions>},
    LimiterKind{"sentinel_warm_up", false,
                make_of_options<limit::SentinelWarmUp, limit::SentinelWarmUpOptions>},
    LimiterKind{"concurrency", true, make_concurrency},
};

const LimiterKind& kind_of(const std::string& name) {
  std::vector<std::string> names;
  for (const LimiterKind& kind : kKinds) {
    if (kind.name == name) {
      return kind;
    }
    names.emplace_back(kind.name);
  }
  refuse_value("Limiter: kind", "\"" + name + "\"", choices_text(names),
               chaos::nearest_name(name, names));
}

Priority priority_from(const LimiterKind& kind, const py::object& priority) {
  const auto read = enum_from<Priority>(priority, "Limiter: priority");
  if (read == Priority::critical && !kind.has_priorities) {
    refuse_value(fmt::format("Limiter(\"{}\"): priority", kind.name), "\"critical\"",
                 "\"ordinary\", or the kind \"priority_reserve\" or \"concurrency\"");
  }
  return read;
}

/// What wrappers of limiters take in their place.
struct SharedLimiter {
  std::shared_ptr<AnyLimiter> limiter;

  [[nodiscard]] Decision admit(Instant now, std::uint32_t n, Priority priority) const {
    return limiter->admit(now, n, priority);
  }
  [[nodiscard]] bool is_fresh(Instant now) const { return limiter->is_fresh(now); }
};

class LimiterFace {
 public:
  LimiterFace(const std::string& name, double now, bool dry_run, const py::kwargs& arguments)
      : kind_(kind_of(name)) {
    Given given{arguments, fmt::format("Limiter(\"{}\")", name)};
    const MakeLimiter make = kind_.make(given, values_);
    given.refuse_unknown();
    limiter_ = constructed(given.where(), [&] { return make(time_.at(now)); });
    if (dry_run) {
      dry_run_.emplace(SharedLimiter{limiter_});
    }
  }

  Decision admit(double now, std::uint32_t n, const py::object& priority) {
    return admit_at(time_.at(now), n, priority_from(kind_, priority));
  }
  [[nodiscard]] Decision peek(double now, std::uint32_t n) {
    const std::optional<Decision> decision = limiter_->peek(time_.at(now), n);
    if (!decision) {
      refuse_type(fmt::format("Limiter(\"{}\")", kind_.name), "peek()",
                  "a kind that can be asked without being changed");
    }
    return *decision;
  }
  void settle(std::uint32_t n) { limiter_->settle(n); }

  py::array_t<bool> admit_many(const Column<double>& now, const Column<std::uint32_t>& n) {
    return each<bool>(now, n, [](const Decision& decision) { return decision.admitted; });
  }
  py::array_t<double> wait_many(const Column<double>& now, const Column<std::uint32_t>& n) {
    return each<double>(now, n, [](const Decision& decision) {
      return decision.admitted ? seconds_of(decision.wait)
                               : std::numeric_limits<double>::quiet_NaN();
    });
  }

  [[nodiscard]] bool is_fresh(double now) { return limiter_->is_fresh(time_.at(now)); }
  [[nodiscard]] std::string kind() const { return kind_.name; }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] py::dict state() const {
    py::dict state;
    limiter_->add_state(time_.latest(), state);
    if (dry_run_) {
      state["would_admit"] = dry_run_->would_admit();
      state["would_refuse"] = dry_run_->would_refuse();
    }
    return state;
  }
  [[nodiscard]] std::string repr() const {
    std::string text = repr_text("Limiter", values_, state());
    return text.insert(text.find('(') + 1, fmt::format("'{}', ", kind_.name));
  }

  static py::dict kinds() {
    py::dict all;
    for (const LimiterKind& kind : kKinds) {
      Given nothing{py::kwargs{}, kind.name};
      py::dict values;
      static_cast<void>(kind.make(nothing, values));
      all[kind.name] = values;
    }
    return all;
  }

 private:
  Decision admit_at(Instant now, std::uint32_t n, Priority priority) {
    return dry_run_ ? dry_run_->admit(now, n, priority) : limiter_->admit(now, n, priority);
  }

  template <typename T, typename Of>
  py::array_t<T> each(const Column<double>& now, const Column<std::uint32_t>& n, Of of) {
    const auto count = static_cast<std::size_t>(std::max(now.size(), n.size()));
    const Broadcast<double> times{now, count, "now"};
    const Broadcast<std::uint32_t> sizes{n, count, "n"};
    py::array_t<T> results(static_cast<py::ssize_t>(count));
    T* const out = results.mutable_data();
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = of(admit_at(time_.at(times[i]), sizes[i], Priority::ordinary));
    }
    return results;
  }

  const LimiterKind& kind_;
  py::dict values_;
  std::shared_ptr<AnyLimiter> limiter_;
  std::optional<limit::DryRun<SharedLimiter>> dry_run_;
  TimeLine time_;
};

class KeyedLimiterFace {
 public:
  KeyedLimiterFace(const std::string& name, const py::kwargs& arguments) : kind_(kind_of(name)) {
    Given given{arguments, fmt::format("KeyedLimiter(\"{}\")", name)};
    limit::KeyedLimiterOptions options;
    given.read(options);
    const MakeLimiter make = kind_.make(given, values_);
    given.refuse_unknown();
    list_parameters(values_, options);
    if (options.keys_max > kKeysMax) {
      refuse_value(given.where() + ": keys_max", fmt::format("{}", options.keys_max),
                   fmt::format("at most {}", kKeysMax));
    }
    limiter_ = constructed(given.where(), [&] {
      static_cast<void>(make(Instant{}));
      return std::make_unique<limit::KeyedLimiter<SharedLimiter>>(
          options, [make](Instant now) { return SharedLimiter{make(now)}; });
    });
  }

  Decision admit(double now, const std::string& key, std::uint32_t n, const py::object& priority) {
    return limiter_->admit(time_.at(now), key, n, priority_from(kind_, priority));
  }
  [[nodiscard]] bool contains(const std::string& key) const { return limiter_->contains(key); }
  [[nodiscard]] std::size_t size() const { return limiter_->size(); }
  [[nodiscard]] std::uint64_t evicted() const { return limiter_->evicted(); }
  [[nodiscard]] std::uint64_t forgotten() const { return limiter_->forgotten(); }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() const {
    py::dict state;
    state["keys"] = size();
    state["evicted"] = evicted();
    std::string text = repr_text("KeyedLimiter", values_, state);
    return text.insert(text.find('(') + 1, fmt::format("'{}', ", kind_.name));
  }

 private:
  static constexpr std::uint32_t kKeysMax = 10'000'000;

  const LimiterKind& kind_;
  py::dict values_;
  std::unique_ptr<limit::KeyedLimiter<SharedLimiter>> limiter_;
  TimeLine time_;
};

/// Buckets by name, in a tree.
class HierarchicalLimiterFace {
 public:
  void add(const std::string& name, const py::object& rate, std::uint32_t burst,
           const std::optional<std::string>& parent, double now) {
    if (ids_.contains(name)) {
      refuse_value("HierarchicalLimiter: add", "\"" + name + "\" twice", "a new name");
    }
    const limit::Rate read = rate_from(rate, "HierarchicalLimiter: rate");
    const auto above = parent ? std::optional{level_of(*parent)} : std::nullopt;
    const Instant at = time_.at(now);
    const limit::LevelId id =
        constructed("HierarchicalLimiter", [&] { return limiter_.add(above, read, burst, at); });
    ids_.emplace(name, id);
    names_.push_back(name);
  }

  /// The decision, and the name of the level that refuses.
  py::tuple admit(double now, const std::string& level, std::uint32_t n) {
    const limit::HierarchicalDecision made = limiter_.admit(time_.at(now), level_of(level), n);
    const py::object by =
        made.refused_by ? py::object{py::str(names_[made.refused_by->value()])} : py::none();
    return py::make_tuple(made.decision, by);
  }
  [[nodiscard]] std::uint32_t available(double now, const std::string& level) {
    return limiter_.bucket(level_of(level)).available(time_.at(now));
  }
  [[nodiscard]] std::vector<std::string> levels() const { return names_; }

 private:
  [[nodiscard]] limit::LevelId level_of(const std::string& name) const {
    const auto found = ids_.find(name);
    if (found == ids_.end()) {
      refuse_value("HierarchicalLimiter: level", "\"" + name + "\"",
                   names_.empty() ? "a level; there is none yet" : choices_text(names_),
                   chaos::nearest_name(name, names_));
    }
    return found->second;
  }

  limit::HierarchicalLimiter limiter_;
  std::unordered_map<std::string, limit::LevelId> ids_;
  std::vector<std::string> names_;
  TimeLine time_;
};

}  // namespace

void bind_limiters(py::module_& module) {
  using py::arg;
  py::class_<Decision>(module, "Decision", "Whether a request may go on; true where it may.")
      .def_readonly("admitted", &Decision::admitted)
      .def_property_readonly(
          "wait", [](const Decision& decision) { return seconds_of(decision.wait); },
          "Seconds to hold an admitted request; of pacing limiters.")
      .def_property_readonly(
          "retry_after", [](const Decision& decision) { return seconds_of(decision.retry_after); },
          "Seconds until a refused request would be admitted; inf for never.")
      .def("__bool__", [](const Decision& decision) { return decision.admitted; })
      .def("__repr__", [](const Decision& decision) {
        return decision.admitted
                   ? fmt::format("Decision(admitted=True, wait={})", seconds_of(decision.wait))
                   : fmt::format("Decision(admitted=False, retry_after={})",
                                 seconds_of(decision.retry_after));
      });
  py::class_<LimiterFace>(module, "Limiter", "A limiter of one kind; times in seconds.")
      .def(py::init(
               [](const std::string& kind, double now, bool dry_run, const py::kwargs& parameters) {
                 return std::make_unique<LimiterFace>(kind, now, dry_run, parameters);
               }),
           arg("kind"), py::kw_only(), arg("now") = 0.0, arg("dry_run") = false)
      .def("admit", &LimiterFace::admit, arg("now"), arg("n") = 1, py::kw_only(),
           arg("priority") = "ordinary", "Whether a request of `n` permits may go on.")
      .def("peek", &LimiterFace::peek, arg("now"), arg("n") = 1, "The same, taking nothing.")
      .def("settle", &LimiterFace::settle, arg("n") = 1,
           "Requests have ended; of the kind \"concurrency\" only.")
      .def("admit_many", &LimiterFace::admit_many, arg("now"), arg("n") = 1,
           "Decisions at the ascending times `now`, shape (n,), in seconds; bool of shape (n,).")
      .def("wait_many", &LimiterFace::wait_many, arg("now"), arg("n") = 1,
           "The same as seconds to wait, float64 of shape (n,); nan for refused.")
      .def("is_fresh", &LimiterFace::is_fresh, arg("now"), "Whether it is as good as new.")
      .def_property_readonly("kind", &LimiterFace::kind)
      .def_property_readonly("parameters", &LimiterFace::parameters)
      .def_property_readonly("state", &LimiterFace::state)
      .def_static("kinds", &LimiterFace::kinds, "Every kind with its parameters and defaults.")
      .def("__repr__", &LimiterFace::repr);
  py::class_<KeyedLimiterFace>(module, "KeyedLimiter",
                               "A limiter for each key; keys least recently used are forgotten.")
      .def(py::init<const std::string&, const py::kwargs&>(), arg("kind"))
      .def("admit", &KeyedLimiterFace::admit, arg("now"), arg("key"), arg("n") = 1, py::kw_only(),
           arg("priority") = "ordinary")
      .def("__contains__", &KeyedLimiterFace::contains)
      .def("__len__", &KeyedLimiterFace::size)
      .def_property_readonly("evicted", &KeyedLimiterFace::evicted)
      .def_property_readonly("forgotten", &KeyedLimiterFace::forgotten)
      .def_property_readonly("parameters", &KeyedLimiterFace::parameters)
      .def("__repr__", &KeyedLimiterFace::repr);
  py::class_<HierarchicalLimiterFace>(
      module, "HierarchicalLimiter",
      "Token buckets in a tree; a request takes from its own and all above it, or from none.")
      .def(py::init<>())
      .def("add", &HierarchicalLimiterFace::add, arg("name"), arg("rate"), arg("burst"),
           py::kw_only(), arg("parent") = py::none(), arg("now") = 0.0)
      .def("admit", &HierarchicalLimiterFace::admit, arg("now"), arg("level"), arg("n") = 1,
           "The decision, and the name of the level that refuses or None.")
      .def("available", &HierarchicalLimiterFace::available, arg("now"), arg("level"))
      .def_property_readonly("levels", &HierarchicalLimiterFace::levels);
}

}  // namespace windtunnel::bindings
