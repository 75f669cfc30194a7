// The parts of the module _core, one function each.
#pragma once

#include <pybind11/pybind11.h>

namespace windtunnel::bindings {

namespace py = pybind11;

/// Scenarios, plans, runs and campaigns.
void bind_runs(py::module_& module);

/// The components, step by step: balancers, breakers, limiters, retries, Raft.
void bind_components(py::module_& module);

}  // namespace windtunnel::bindings
