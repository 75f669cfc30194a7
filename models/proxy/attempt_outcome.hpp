// How the end of an attempt at a service reads to the components that decide what comes next.
#pragma once

#include "models/proxy/refused.hpp"
#include "models/retry/outcome.hpp"
#include "models/service/caller.hpp"

namespace windtunnel::proxy {

[[nodiscard]] retry::AttemptOutcome attempt_outcome_of(service::CallOutcome outcome);

/// Of an attempt that was not made.
[[nodiscard]] service::CallOutcome outcome_of(Refused refused);

}  // namespace windtunnel::proxy
