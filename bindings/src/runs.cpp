#include "bindings/src/module.hpp"

namespace windtunnel::bindings {

void bind_runs(py::module_& /*module*/) {}

}  // namespace windtunnel::bindings
