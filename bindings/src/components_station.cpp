#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include <pybind11/stl.h>

#include "bindings/src/component_arrays.hpp"
#include "bindings/src/component_values.hpp"
#include "bindings/src/components.hpp"
#include "models/service/dagor_admission.hpp"
#include "models/service/station.hpp"

namespace windtunnel::service {

BOOST_DESCRIBE_STRUCT(WarmUp, (), (lasts, slowdown))
BOOST_DESCRIBE_STRUCT(Pauses, (), (interval, length))
BOOST_DESCRIBE_STRUCT(StationCounters, (),
                      (arrived, served, refused, displaced, shed, expired, cancelled, pauses,
                       present_seconds, busy_seconds))
BOOST_DESCRIBE_STRUCT(DagorOptions, (),
                      (queuing_max, window, window_requests, decrease_percent, increase_percent,
                       business_levels))

}  // namespace windtunnel::service

namespace windtunnel::bindings {

using namespace service;

enum class DelayControlKind : std::uint8_t { none, codel, folly_codel, queue_timeout };
BOOST_DESCRIBE_ENUM(DelayControlKind, none, codel, folly_codel, queue_timeout)

struct StationParameters {
  std::uint32_t workers = 1;
  std::uint32_t queue_max = 1024;
  std::uint32_t priorities = 1;
  Discipline discipline = Discipline::fifo;
  Duration adaptive_after = std::chrono::milliseconds{100};
  DelayControlKind delay_control = DelayControlKind::none;
  Duration delay_target = std::chrono::milliseconds{5};
  Duration delay_interval = std::chrono::milliseconds{100};
  Expired expired = Expired::drop;
  DurationDistribution work = Constant{std::chrono::milliseconds{1}};
  WarmUp warm_up{};
  std::optional<Pauses> pauses{};
};
BOOST_DESCRIBE_STRUCT(StationParameters, (),
                      (workers, queue_max, priorities, discipline, adaptive_after, delay_control,
                       delay_target, delay_interval, expired, work, warm_up, pauses))

namespace {

DelayControl control_of(const StationParameters& parameters) {
  const DelayTarget target{.target = parameters.delay_target,
                           .interval = parameters.delay_interval};
  switch (parameters.delay_control) {
    case DelayControlKind::none:
      return NoDelayControl{};
    case DelayControlKind::codel:
      return Codel{target};
    case DelayControlKind::folly_codel:
      return FollyCodel{target};
    case DelayControlKind::queue_timeout:
      return QueueTimeout{target};
  }
  return NoDelayControl{};
}

StationOptions options_of(const StationParameters& parameters) {
  return {.workers = parameters.workers,
          .queue_max = parameters.queue_max,
          .priorities = parameters.priorities,
          .discipline = parameters.discipline,
          .adaptive_after = parameters.adaptive_after,
          .delay_control = control_of(parameters),
          .expired = parameters.expired,
          .work = parameters.work,
          .warm_up = parameters.warm_up,
          .pauses = parameters.pauses};
}

class StationFace {
 public:
  StationFace(std::uint64_t seed, double now, const py::kwargs& arguments) {
    Given given{arguments, "Station"};
    given.read(parameters_);
    given.refuse_unknown();
    if (parameters_.priorities > JobQueue::kLevelsMax) {
      refuse_value("Station: priorities", fmt::format("{}", parameters_.priorities),
                   fmt::format("1 to {}", JobQueue::kLevelsMax));
    }
    list_parameters(values_, parameters_);
    station_ = constructed(given.where(), [&] {
      return std::make_unique<Station>(
          options_of(parameters_),
          StationStreams{RandomStream{seed, "station.work"}, RandomStream{seed, "station.pauses"}},
          time_.at(now));
    });
  }

  std::uint64_t arrive(double now, std::uint64_t tag, std::uint32_t priority, double deadline,
                       const py::object& work, bool hold) {
    return station_->arrive(time_.at(now), job_of(tag, priority, deadline, work, hold)).value();
  }
  bool cancel(double now, std::uint64_t job) { return station_->cancel(time_.at(now), JobId{job}); }
  bool release(double now, std::uint64_t job) {
    return station_->release(time_.at(now), JobId{job});
  }
  void advance(double now) { station_->on_deadline(time_.at(now)); }
  void stall(double now, const py::object& span) {
    station_->stall(time_.at(now), duration_from(span, "Station: span"));
  }
  void set_speed(double now, double speed) {
    constexpr double kPermille = 1'000;
    constexpr double kSpeedMax = 1'000;
    if (!(speed >= 0) || speed > kSpeedMax) {
      refuse_value("Station: speed", fmt::format("{}", speed), "0 to 1000 times the usual speed");
    }
    station_->set_speed(time_.at(now), static_cast<SpeedPermille>(std::lround(speed * kPermille)));
  }

  py::list finished() {
    py::list rows;
    FinishedJob job;
    while (station_->poll(job)) {
      py::dict row;
      row["job"] = job.id.value();
      row["tag"] = job.tag;
      row["outcome"] = bindings::name_of<JobOutcome>(job.outcome);
      row["arrived"] = seconds_of(job.arrived);
      row["started"] = seconds_of(job.started);
      row["ended"] = seconds_of(job.ended);
      rows.append(row);
    }
    return rows;
  }

  /// Arrivals at ascending times, then the end of all of them; columns by arrival.
  py::dict serve_many(const Column<double>& now, const py::object& deadline,
                      const Column<std::uint32_t>& priority) {
    const auto count = static_cast<std::size_t>(now.size());
    const std::optional<Duration> patience =
        deadline.is_none() ? std::nullopt
                           : std::optional{duration_from(deadline, "serve_many: deadline")};
    const Broadcast<double> times{now, count, "serve_many: now"};
    const Broadcast<std::uint32_t> priorities{priority, count, "serve_many: priority"};
    py::array_t<std::uint8_t> outcome(now.size());
    py::array_t<double> started(now.size());
    py::array_t<double> ended(now.size());
    FinishedJob job;
    const auto note = [&] {
      while (station_->poll(job)) {
        const auto row = static_cast<py::ssize_t>(job.tag);
        if (row < now.size()) {
          outcome.mutable_at(row) = static_cast<std::uint8_t>(job.outcome);
          started.mutable_at(row) = seconds_of(job.started);
          ended.mutable_at(row) = seconds_of(job.ended);
        }
      }
    };
    if (station_->present() > 0) {
      refuse_value("Station: serve_many", fmt::format("{} jobs present", station_->present()),
                   "an empty station");
    }
    note();
    for (std::size_t i = 0; i < count; ++i) {
      const Instant at = time_.at(times[i]);
      checked_priority(priorities[i]);
      station_->arrive(at, {.tag = i,
                            .priority = priorities[i],
                            .deadline = patience ? instant_after(at, *patience) : Instant::max(),
                            .work = {}});
      note();
    }
    while (const std::optional<Instant> next = station_->next_deadline()) {
      if (station_->present() == 0 || *next == Instant::max()) {
        break;
      }
      time_.reach(*next);
      station_->on_deadline(time_.latest());
      note();
    }
    py::dict columns;
    columns["arrived"] = now;
    columns["started"] = started;
    columns["ended"] = ended;
    columns["outcome"] = outcome;
    return columns;
  }

  [[nodiscard]] std::optional<double> next_deadline() const {
    const std::optional<Instant> next = station_->next_deadline();
    return next && *next != Instant::max() ? std::optional{seconds_of(*next)} : std::nullopt;
  }
  [[nodiscard]] std::size_t waiting() const { return station_->waiting(); }
  [[nodiscard]] std::size_t busy() const { return station_->busy(); }
  [[nodiscard]] bool is_stalled() const { return station_->is_stalled(); }
  [[nodiscard]] py::object counters() const { return value_to(station_->counters()); }
  [[nodiscard]] py::dict parameters() const { return values_; }
  [[nodiscard]] std::string repr() const {
    py::dict state;
    state["waiting"] = waiting();
    state["busy"] = busy();
    state["served"] = station_->counters().served;
    return repr_text("Station", values_, state);
  }
  static py::dict defaults() {
    py::dict values;
    list_parameters(values, StationParameters{});
    return values;
  }

 private:
  void checked_priority(std::uint32_t priority) const {
    if (priority >= parameters_.priorities) {
      refuse_value("Station: priority", fmt::format("{}", priority),
                   fmt::format("0 to {}", parameters_.priorities - 1));
    }
  }
  [[nodiscard]] Job job_of(std::uint64_t tag, std::uint32_t priority, double deadline,
                           const py::object& work, bool hold) const {
    checked_priority(priority);
    Job job{.tag = tag,
            .priority = priority,
            .deadline = std::isinf(deadline) ? Instant::max() : instant_of(deadline),
            .work = {},
            .hold = hold ? WorkerHold::until_released : WorkerHold::until_served};
    if (!work.is_none()) {
      job.work = duration_from(work, "Station: work");
    }
    return job;
  }

  StationParameters parameters_;
  py::dict values_;
  TimeLine time_;
  std::unique_ptr<Station> station_;
};

/// DAGOR's overload control.
class DagorFace {
 public:
  DagorFace(double now, const py::kwargs& arguments) {
    Given given{arguments, "DagorAdmission"};
    DagorOptions options;
    given.read(options);
    given.refuse_unknown();
    list_parameters(values_, options);
    admission_ = constructed(
        given.where(), [&] { return std::make_unique<DagorAdmission>(time_.at(now), options); });
  }
  bool admit(double now, std::uint8_t business, std::uint8_t user) {
    const DagorLevel highest = admission_->highest();
    if (business > highest.business || user > highest.user) {
      refuse_value("DagorAdmission: level", fmt::format("({}, {})", business, user),
                   fmt::format("at most ({}, {})", highest.business, highest.user));
    }
    return admission_->admit(time_.at(now), {business, user});
  }
  void observe(double now, double queued) {
    admission_->observe(time_.at(now), instant_of(queued).time_since_epoch());
  }
  [[nodiscard]] py::tuple level() const {
    return py::make_tuple(admission_->level().business, admission_->level().user);
  }
  [[nodiscard]] bool is_restrictive() const { return admission_->is_restrictive(); }
  [[nodiscard]] py::dict parameters() const { return values_; }
  static py::dict defaults() {
    py::dict values;
    list_parameters(values, DagorOptions{});
    return values;
  }

 private:
  py::dict values_;
  TimeLine time_;
  std::unique_ptr<DagorAdmission> admission_;
};

}  // namespace

void bind_station(py::module_& module) {
  using py::arg;
  const double never = std::numeric_limits<double>::infinity();
  py::class_<StationFace>(module, "Station",
                          "One host's workers and the queue before them; times in seconds.")
      .def(py::init([](std::uint64_t seed, double now, const py::kwargs& parameters) {
             return std::make_unique<StationFace>(seed, now, parameters);
           }),
           py::kw_only(), arg("seed") = 0, arg("now") = 0.0)
      .def("arrive", &StationFace::arrive, arg("now"), py::kw_only(), arg("tag") = 0,
           arg("priority") = 0, arg("deadline") = never, arg("work") = py::none(),
           arg("hold") = false,
           "A job comes; its work in seconds is drawn where it is not given. Returns its id.")
      .def("cancel", &StationFace::cancel, arg("now"), arg("job"))
      .def("release", &StationFace::release, arg("now"), arg("job"),
           "Lets the worker of a served job go, of hold=True.")
      .def("advance", &StationFace::advance, arg("now"), "Carries out everything due up to `now`.")
      .def("finished", &StationFace::finished,
           "Jobs that ended since the last call, a dict each: job, tag, outcome, arrived, started, "
           "ended.")
      .def("serve_many", &StationFace::serve_many, arg("now"), py::kw_only(),
           arg("deadline") = py::none(), arg("priority") = 0,
           "Jobs arrive at the ascending times `now`, shape (n,), and all are followed to their "
           "ends. Columns of shape (n,): arrived, started, ended in seconds, outcome (uint8).")
      .def("stall", &StationFace::stall, arg("now"), arg("span"))
      .def("set_speed", &StationFace::set_speed, arg("now"), arg("speed"),
           "1 is the usual speed, 0 stands still.")
      .def_property_readonly("next_deadline", &StationFace::next_deadline)
      .def_property_readonly("waiting", &StationFace::waiting)
      .def_property_readonly("busy", &StationFace::busy)
      .def_property_readonly("is_stalled", &StationFace::is_stalled)
      .def_property_readonly("counters", &StationFace::counters)
      .def_property_readonly("parameters", &StationFace::parameters)
      .def_static("defaults", &StationFace::defaults)
      .def_property_readonly_static("outcomes",
                                    [](const py::object&) { return names_of<JobOutcome>(); })
      .def("__repr__", &StationFace::repr);
  py::class_<DagorFace>(module, "DagorAdmission", "DAGOR: admission by priority under overload.")
      .def(py::init([](double now, const py::kwargs& parameters) {
             return std::make_unique<DagorFace>(now, parameters);
           }),
           py::kw_only(), arg("now") = 0.0)
      .def("admit", &DagorFace::admit, arg("now"), arg("business") = 0, arg("user") = 0)
      .def("observe", &DagorFace::observe, arg("now"), arg("queued"))
      .def_property_readonly("level", &DagorFace::level)
      .def_property_readonly("is_restrictive", &DagorFace::is_restrictive)
      .def_property_readonly("parameters", &DagorFace::parameters)
      .def_static("defaults", &DagorFace::defaults);
}

}  // namespace windtunnel::bindings
