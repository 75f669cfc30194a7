// Campaigns: many seeds on threads, results that travel between processes, and judging them
// together.

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "bindings/src/runs.hpp"
#include "chaos/judge/campaign.hpp"
#include "chaos/report/campaign_table.hpp"
#include "chaos/report/csv.hpp"
#include "chaos/report/report_json.hpp"
#include "chaos/run/campaign_runner.hpp"

namespace windtunnel::bindings {

namespace {

// How results travel: plain tuples, so that pickle can be used by whoever moves them.

py::tuple state_of(const chaos::Amount& amount) {
  struct Visitor {
    py::object operator()(Duration span) const { return py::int_(span.count()); }
    py::object operator()(chaos::Count count) const { return py::int_(count); }
    py::object operator()(chaos::Ratio ratio) const { return py::float_(ratio.value); }
  };
  return py::make_tuple(static_cast<int>(unit_of(amount)), std::visit(Visitor{}, amount));
}

py::object state_of(const std::optional<chaos::Amount>& amount) {
  return amount ? py::object{state_of(*amount)} : py::none();
}

chaos::Amount amount_from(const py::handle& state) {
  const py::tuple pair = py::reinterpret_borrow<py::tuple>(state);
  switch (static_cast<chaos::Unit>(pair[0].cast<int>())) {
    case chaos::Unit::duration:
      return Duration{pair[1].cast<std::int64_t>()};
    case chaos::Unit::count:
      return pair[1].cast<chaos::Count>();
    case chaos::Unit::ratio:
      return chaos::Ratio{pair[1].cast<double>()};
  }
  throw py::value_error{"not the state of an amount"};
}

std::optional<chaos::Amount> amount_if_any(const py::handle& state) {
  return state.is_none() ? std::nullopt : std::optional{amount_from(state)};
}

py::tuple state_of(const chaos::MeasureRow& row) {
  struct Visitor {
    py::tuple operator()(const chaos::Amount& amount) const {
      return py::make_tuple(state_of(amount));
    }
    py::tuple operator()(const chaos::Censored& absent) const {
      return py::make_tuple(absent.why, state_of(absent.at_least));
    }
    py::tuple operator()(const chaos::NoEvidence& absent) const {
      return py::make_tuple(absent.why, state_of(absent.at_least));
    }
    py::tuple operator()(const chaos::NotApplicable& absent) const {
      return py::make_tuple(absent.why);
    }
  };
  return py::make_tuple(row.key.measure, row.key.window, row.value.n, row.value.what.index(),
                        std::visit(Visitor{}, row.value.what));
}

chaos::MeasureValue value_from(std::size_t kind, const py::tuple& state, std::uint64_t n) {
  switch (kind) {
    case 0:
      return chaos::measured(amount_from(state[0]), n);
    case 1:
      return chaos::censored(state[0].cast<std::string>(), n, amount_if_any(state[1]));
    case 2:
      return chaos::no_evidence(state[0].cast<std::string>(), n, amount_if_any(state[1]));
    case 3:
      return {.what = chaos::NotApplicable{state[0].cast<std::string>()}, .n = n};
    default:
      throw py::value_error{"not the state of a measured value"};
  }
}

py::tuple state_of(const chaos::CampaignRun& run) {
  py::list rows;
  for (const chaos::MeasureRow& row : run.table.rows()) {
    rows.append(state_of(row));
  }
  return py::make_tuple(run.seed, run.digest, static_cast<int>(run.verdict), run.reasons, rows,
                        run.length.count(), run.wall_seconds);
}

chaos::CampaignRun campaign_run_from(const py::tuple& state) {
  chaos::CampaignRun run;
  run.seed = state[0].cast<std::uint64_t>();
  run.digest = state[1].cast<std::string>();
  run.verdict = static_cast<chaos::Verdict>(state[2].cast<int>());
  run.reasons = state[3].cast<std::vector<std::string>>();
  for (const py::handle each : state[4]) {
    const py::tuple row = py::reinterpret_borrow<py::tuple>(each);
    run.table.set({row[0].cast<std::string>(), row[1].cast<std::string>()},
                  value_from(row[3].cast<std::size_t>(), row[4], row[2].cast<std::uint64_t>()));
  }
  run.length = Duration{state[5].cast<std::int64_t>()};
  run.wall_seconds = state[6].cast<double>();
  return run;
}

/// Runs that go on while the thread that asked for them looks after Python.
class Background {
 public:
  Background(const HeldScenario& held, const std::vector<std::uint64_t>& seeds, unsigned jobs)
      : thread_{[this, &held, &seeds, jobs] { work(held, seeds, jobs); }} {}
  ~Background() {
    stop_ = true;
    thread_.join();
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// False where the runs are over before `length` has passed.
  [[nodiscard]] bool lasts(std::chrono::milliseconds length) {
    std::unique_lock lock{mutex_};
    return !over_.wait_for(lock, length, [this] { return is_over_; });
  }

  [[nodiscard]] chaos::CampaignProgress progress() {
    const std::lock_guard lock{mutex_};
    return progress_;
  }

  /// Once the runs are over.
  [[nodiscard]] std::vector<chaos::CampaignRun> take_runs() {
    if (failure_) {
      std::rethrow_exception(failure_);
    }
    return std::move(runs_);
  }

 private:
  void work(const HeldScenario& held, const std::vector<std::uint64_t>& seeds, unsigned jobs) {
    chaos::SeedsOptions options;
    options.jobs = jobs;
    options.wants_stop = [this] { return stop_.load(std::memory_order_relaxed); };
    options.on_progress = [this](const chaos::CampaignProgress& progress) {
      const std::lock_guard lock{mutex_};
      progress_ = progress;
    };
    try {
      runs_ = chaos::run_seeds(held.scenario, seeds, options);
    } catch (...) {
      failure_ = std::current_exception();
    }
    const std::lock_guard lock{mutex_};
    is_over_ = true;
    over_.notify_all();
  }

  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable over_;
  bool is_over_ = false;
  chaos::CampaignProgress progress_;
  std::vector<chaos::CampaignRun> runs_;
  std::exception_ptr failure_;
  std::thread thread_;
};

constexpr std::chrono::milliseconds kBetweenLooks{50};

/// Runs the seeds on `jobs` threads; calls progress(finished, not_passed) now and then. Ctrl-C
/// gives the runs up.
std::vector<chaos::CampaignRun> run_seeds(const HeldScenario& held,
                                          const std::vector<std::uint64_t>& seeds, unsigned jobs,
                                          const py::object& progress) {
  const py::gil_scoped_release free;
  Background background{held, seeds, jobs};
  while (background.lasts(kBetweenLooks)) {
    const chaos::CampaignProgress done = background.progress();
    const py::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) {
      throw py::error_already_set{};
    }
    if (!progress.is_none()) {
      progress(done.finished, done.not_passed);
    }
  }
  return background.take_runs();
}

chaos::Campaign judge(const HeldScenario& held, std::vector<chaos::CampaignRun> runs) {
  std::uint64_t lowest = std::numeric_limits<std::uint64_t>::max();
  for (const chaos::CampaignRun& run : runs) {
    lowest = std::min(lowest, run.seed);
  }
  const std::vector<chaos::Expectation> expectations =
      chaos::make_plan(held.scenario, lowest).expectations;
  return chaos::judge_campaign(held.scenario.name(), std::move(runs), expectations);
}

/// Shape (runs,): seconds, counts or shares; inf where censored, nan where there is no value.
py::array_t<double> column_of(const chaos::Campaign& campaign, std::size_t measure) {
  py::array_t<double> column{static_cast<py::ssize_t>(campaign.runs.size())};
  const std::span<double> values{column.mutable_data(), campaign.runs.size()};
  std::fill(values.begin(), values.end(), std::numeric_limits<double>::quiet_NaN());
  std::size_t row = 0;
  for (const chaos::SeedSample& sample : campaign.measures.at(measure).samples) {
    while (campaign.runs[row].seed != sample.seed) {
      ++row;
    }
    values[row] = sample.value;
  }
  return column;
}

py::dict columns_of(const chaos::Campaign& campaign) {
  py::dict columns;
  for (std::size_t i = 0; i < campaign.measures.size(); ++i) {
    columns[py::str(campaign.measures[i].key.name())] = column_of(campaign, i);
  }
  return columns;
}

py::list statistics_of(const chaos::Campaign& campaign) {
  py::list rows;
  for (const chaos::MeasureOverSeeds& measure : campaign.measures) {
    py::dict row;
    row["name"] = measure.key.name();
    row["unit"] = unit_of_measure(measure.key.measure);
    row["n"] = measure.samples.size();
    row["without"] = measure.without;
    if (measure.statistics) {
      const chaos::SampleStatistics& s = *measure.statistics;
      row["censored"] = s.censored;
      row["min"] = s.min;
      row["mean"] = s.mean;
      row["p50"] = s.p50;
      row["p95"] = s.p95;
      row["p99"] = s.p99;
      row["max"] = s.max;
      row["worst_seed"] = measure.worst_seed();
    }
    rows.append(row);
  }
  return rows;
}

py::list evaluations_of(const chaos::Campaign& campaign) {
  py::list rows;
  for (const chaos::SeedsEvaluation& evaluation : campaign.evaluations) {
    py::dict row;
    row["name"] = evaluation.name;
    row["that"] = evaluation.expectation.that;
    row["statistic"] = std::string{to_string(*evaluation.expectation.over_seeds)};
    row["bound"] = to_text(*evaluation.expectation.bound);
    row["value"] = evaluation.observed ? py::cast(*evaluation.observed) : py::none();
    row["low"] = evaluation.interval ? py::cast(evaluation.interval->low) : py::none();
    row["high"] = evaluation.interval ? py::cast(evaluation.interval->high) : py::none();
    row["n"] = evaluation.n;
    row["without"] = evaluation.without;
    row["verdict"] = std::string{to_string(evaluation.verdict)};
    row["explanation"] = evaluation.explanation;
    rows.append(row);
  }
  return rows;
}

py::list runs_of(const chaos::Campaign& campaign) {
  py::list rows;
  for (const chaos::CampaignRun& run : campaign.runs) {
    py::dict row;
    row["seed"] = run.seed;
    row["verdict"] = std::string{to_string(run.verdict)};
    row["digest"] = run.digest;
    row["reasons"] = run.reasons;
    row["length"] = chaos::seconds_of(run.length);
    row["wall_seconds"] = run.wall_seconds;
    rows.append(row);
  }
  return rows;
}

}  // namespace

void bind_campaigns(py::module_& module) {
  py::class_<chaos::CampaignRun>(module, "CampaignRun", "What a campaign keeps of one run.")
      .def_readonly("seed", &chaos::CampaignRun::seed)
      .def_readonly("digest", &chaos::CampaignRun::digest)
      .def_property_readonly(
          "passed",
          [](const chaos::CampaignRun& run) { return run.verdict == chaos::Verdict::pass; })
      .def(py::pickle([](const chaos::CampaignRun& run) { return state_of(run); },
                      &campaign_run_from));
  py::class_<chaos::Campaign>(module, "Campaign", "One scenario with many seeds, judged together.")
      .def_readonly("scenario", &chaos::Campaign::scenario)
      .def_property_readonly(
          "verdict",
          [](const chaos::Campaign& campaign) { return std::string{to_string(campaign.verdict)}; })
      .def_property_readonly("runs", &runs_of)
      .def_property_readonly("columns", &columns_of)
      .def_property_readonly("statistics", &statistics_of)
      .def_property_readonly("evaluations", &evaluations_of)
      .def_property_readonly("csv", &chaos::campaign_csv)
      .def("json", &chaos::campaign_json, py::arg("file"))
      .def(
          "report",
          [](const chaos::Campaign& campaign, const std::string& file) {
            return chaos::campaign_report(campaign, file, {});
          },
          py::arg("file"));
  module.def("run_seeds", &run_seeds, py::arg("scenario"), py::arg("seeds"), py::arg("jobs"),
             py::arg("progress"));
  module.def("judge", &judge, py::arg("scenario"), py::arg("runs"),
             py::call_guard<py::gil_scoped_release>());
}

}  // namespace windtunnel::bindings
