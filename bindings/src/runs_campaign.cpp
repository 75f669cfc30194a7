#include "bindings/src/runs.hpp"

namespace windtunnel::bindings {

void bind_campaigns(py::module_& /*module*/) {}

}  // namespace windtunnel::bindings
