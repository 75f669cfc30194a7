#include "bindings/src/runs.hpp"

namespace windtunnel::bindings {

void bind_runs(py::module_& module) {
  bind_errors(module);
  bind_scenarios(module);
  bind_completed_runs(module);
  bind_campaigns(module);
}

}  // namespace windtunnel::bindings
