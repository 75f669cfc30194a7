#include "chaos/run/strike_decision.hpp"

#include <utility>

namespace windtunnel::chaos {

namespace {

/// The target that a decision replaces; null where there is none.
struct TargetOf {
  template <typename ProcessFault>
  Target* operator()(ProcessFault& fault) const {
    return &fault.on;
  }
  Target* operator()(Partition& fault) const { return &fault.groups.front(); }
  Target* operator()(Delay& fault) const { return &fault.links.from; }
  Target* operator()(Loss& fault) const { return &fault.links.from; }
  Target* operator()(PolicyChange&) const { return nullptr; }
  Target* operator()(Canary&) const { return nullptr; }
  Target* operator()(Surge&) const { return nullptr; }
  Target* operator()(SplitChange&) const { return nullptr; }
  Target* operator()(RotateRoot&) const { return nullptr; }
  Target* operator()(BundleChange&) const { return nullptr; }
};

}  // namespace

bool has_target(const Fault& fault) {
  Fault copy = fault;
  return std::visit(TargetOf{}, copy) != nullptr;
}

Fault aimed_at(Fault fault, const std::vector<std::string>& hosts) {
  AnyOf any;
  for (const std::string& host : hosts) {
    any.parts.push_back({NamedHosts{host}});
  }
  if (Target* const target = std::visit(TargetOf{}, fault)) {
    *target = Target{std::move(any)};
  }
  return fault;
}

}  // namespace windtunnel::chaos
