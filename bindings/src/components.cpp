#include "bindings/src/components.hpp"

#include "bindings/src/module.hpp"

namespace windtunnel::bindings {

void bind_components(py::module_& module) {
  bind_balance(module);
  bind_breakers(module);
  bind_limiters(module);
  bind_retries(module);
  bind_raft(module);
  bind_concurrency(module);
  bind_station(module);
  bind_health(module);
  bind_membership(module);
  bind_quotas(module);
}

}  // namespace windtunnel::bindings
