#include "bindings/src/module.hpp"

PYBIND11_MODULE(_core, module) {
  module.doc() = "The simulator and its components, compiled. Use the package windtunnel instead.";
  windtunnel::bindings::bind_runs(module);
  windtunnel::bindings::bind_components(module);
}
