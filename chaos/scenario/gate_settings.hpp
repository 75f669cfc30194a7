// The gate before changes of configuration. Values only.
#pragma once

#include "models/gate/bundle.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::chaos {

struct GateSettings {
  Duration poll = std::chrono::seconds{5};
  gate::WithoutBundle without_bundle = gate::WithoutBundle::closed;
  gate::Bundle bundle;  ///< That the store has from the start.
  friend bool operator==(const GateSettings&, const GateSettings&) = default;
};

}  // namespace windtunnel::chaos
