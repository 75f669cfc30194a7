// Documents for the gate: from JSON, and back.
#pragma once

#include "chaos/scenario/source.hpp"
#include "models/gate/document.hpp"

namespace windtunnel::chaos {

/// Every leaf with its pointer; an empty object or array is no leaf.
[[nodiscard]] gate::Document gate_document_of(const Json& json);
/// An object with these leaves.
[[nodiscard]] Json json_of(const gate::Document& document);

}  // namespace windtunnel::chaos
