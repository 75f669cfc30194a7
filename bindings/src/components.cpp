#include "bindings/src/module.hpp"

namespace windtunnel::bindings {

void bind_components(py::module_& /*module*/) {}

}  // namespace windtunnel::bindings
