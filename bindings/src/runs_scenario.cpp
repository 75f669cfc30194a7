#include <optional>
#include <utility>

#include <pybind11/stl.h>

#include "bindings/src/runs.hpp"
#include "chaos/report/report.hpp"
#include "chaos/run/strike_decision.hpp"

namespace windtunnel::bindings {

namespace {

/// Where a scenario that was made in Python says that it stands.
constexpr const char* kNowhere = "<dict>";

/// A text that nobody wrote has no lines to point at; the pointers say enough.
std::vector<chaos::InputError> without_lines(std::vector<chaos::InputError> errors) {
  for (chaos::InputError& error : errors) {
    if (error.place.file == kNowhere) {
      error.place.line = 0;
      error.place.column = 0;
    }
  }
  return errors;
}

HeldScenario load_text(std::string text, std::string file, std::vector<std::string> overrides) {
  chaos::Source source = chaos::parse_source(std::move(text), std::move(file));
  for (const std::string& assignment : overrides) {
    chaos::apply_override(source, assignment);
  }
  chaos::LoadedScenario loaded = chaos::load_scenario(std::move(source));
  if (!loaded.scenario) {
    throw chaos::BadInput{without_lines(std::move(loaded.errors))};
  }
  return {std::move(*loaded.scenario), std::move(overrides)};
}

HeldScenario load_file(const std::string& path, std::vector<std::string> overrides) {
  chaos::Scenario scenario = chaos::load_scenario_file(path, overrides);
  return {std::move(scenario), std::move(overrides)};
}

chaos::Plan plan_of(const HeldScenario& held, std::optional<std::uint64_t> seed) {
  try {
    return chaos::make_plan(held.scenario, seed.value_or(held.scenario.seed()));
  } catch (const chaos::BadInput& bad) {
    throw chaos::BadInput{without_lines(bad.errors())};
  }
}

py::list hosts_of(const chaos::Plan& plan) {
  py::list hosts;
  for (const chaos::PlannedHost& host : plan.hosts) {
    py::dict row;
    row["name"] = host.name;
    row["zone"] = host.zone;
    row["region"] = host.region;
    row["cores"] = host.cores;
    hosts.append(row);
  }
  return hosts;
}

std::vector<std::uint32_t> numbers_of(const std::vector<HostId>& hosts) {
  std::vector<std::uint32_t> numbers;
  for (const HostId host : hosts) {
    numbers.push_back(host.value());
  }
  return numbers;
}

py::dict services_of(const chaos::Plan& plan) {
  py::dict services;
  for (const chaos::PlannedService& service : plan.services) {
    py::list calls;
    for (const chaos::PlannedCall& call : service.calls) {
      calls.append(call.to);
    }
    py::dict row;
    row["hosts"] = numbers_of(service.on);
    row["calls"] = calls;
    services[py::str(service.name)] = row;
  }
  return services;
}

py::list loads_of(const chaos::Plan& plan) {
  py::list loads;
  for (const chaos::Load& load : plan.loads) {
    py::dict row;
    row["to"] = load.to;
    row["hosts"] = numbers_of(load.from);
    row["traffic"] = chaos::traffic_text(load);
    loads.append(row);
  }
  return loads;
}

py::list timeline_of(const chaos::Plan& plan) {
  py::list timeline;
  for (const chaos::TimelineEntry& entry : plan.timeline) {
    py::dict row;
    row["id"] = entry.id;
    row["kind"] = std::string{chaos::fault_kind(entry.fault)};
    row["at"] = chaos::seconds_of(entry.at.time_since_epoch());
    row["lasts"] = entry.lasts ? py::cast(chaos::seconds_of(*entry.lasts)) : py::none();
    row["times"] = entry.times;
    row["what"] = chaos::fault_text(entry.fault);
    row["has_target"] = chaos::has_target(entry.fault);
    timeline.append(row);
  }
  return timeline;
}

void bind_plan(py::module_& module) {
  py::class_<chaos::Plan>(module, "Plan", "One run with everything decided.")
      .def_readonly("name", &chaos::Plan::name)
      .def_readonly("about", &chaos::Plan::about)
      .def_readonly("seed", &chaos::Plan::seed)
      .def_property_readonly(
          "length", [](const chaos::Plan& plan) { return chaos::seconds_of(plan.duration); })
      .def_property_readonly("text", &chaos::plan_text)
      .def_property_readonly("json", &chaos::plan_json)
      .def_property_readonly("hosts", &hosts_of)
      .def_property_readonly(
          "control_plane",
          [](const chaos::Plan& plan) { return numbers_of(plan.control_plane.members); })
      .def_property_readonly("services", &services_of)
      .def_property_readonly("loads", &loads_of)
      .def_property_readonly("timeline", &timeline_of);
}

}  // namespace

void bind_scenarios(py::module_& module) {
  bind_plan(module);
  py::class_<HeldScenario>(module, "Scenario", "A scenario without errors.")
      .def_property_readonly("name", [](const HeldScenario& held) { return held.scenario.name(); })
      .def_property_readonly("about",
                             [](const HeldScenario& held) { return held.scenario.about(); })
      .def_property_readonly("seed", [](const HeldScenario& held) { return held.scenario.seed(); })
      .def("plan", &plan_of, py::arg("seed") = py::none())
      .def(py::pickle(
          [](const HeldScenario& held) {
            const chaos::Source& source = held.scenario.source();
            return py::make_tuple(source.text(), source.file(), held.overrides);
          },
          [](const py::tuple& state) {
            return load_text(state[0].cast<std::string>(), state[1].cast<std::string>(),
                             state[2].cast<std::vector<std::string>>());
          }));
  module.def("load_file", &load_file, py::arg("path"), py::arg("overrides"));
  module.def(
      "load_text",
      [](std::string text, std::vector<std::string> overrides) {
        return load_text(std::move(text), kNowhere, std::move(overrides));
      },
      py::arg("text"), py::arg("overrides"));
  module.def("replay_command", &chaos::replay_command, py::arg("file"), py::arg("seed"));
}

}  // namespace windtunnel::bindings
