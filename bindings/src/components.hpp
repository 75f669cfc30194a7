// The families of components, one function and one file each.
#pragma once

#include <pybind11/pybind11.h>

namespace windtunnel::bindings {

namespace py = pybind11;

void bind_balance(py::module_& module);
void bind_breakers(py::module_& module);
void bind_limiters(py::module_& module);
void bind_retries(py::module_& module);
void bind_raft(py::module_& module);
void bind_concurrency(py::module_& module);
void bind_health(py::module_& module);
void bind_membership(py::module_& module);
void bind_station(py::module_& module);
void bind_quotas(py::module_& module);

}  // namespace windtunnel::bindings
