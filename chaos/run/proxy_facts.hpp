// What proxies state about themselves, as rows of the record.
#pragma once

#include "chaos/measure/record.hpp"
#include "sim/fact_log.hpp"

namespace windtunnel::chaos {

/// Adds a row where the fact is one of a proxy's.
void record_proxy_fact(const sim::FreshFact& fact, RunRecord& record);

}  // namespace windtunnel::chaos
