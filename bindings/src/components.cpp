#include "bindings/src/components.hpp"

#include "bindings/src/module.hpp"

namespace windtunnel::bindings {

void bind_components(py::module_& module) {
  bind_balance(module);
  bind_breakers(module);
  bind_limiters(module);
  bind_retries(module);
  bind_raft(module);
}

}  // namespace windtunnel::bindings
