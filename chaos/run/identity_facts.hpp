// Turns what is stated about certificates, handshakes and rotations into columns of a RunRecord.
#pragma once

#include "chaos/measure/record.hpp"
#include "sim/fact_log.hpp"

namespace windtunnel::chaos {

void record_identity_fact(const sim::FreshFact& fact, RunRecord& record);

}  // namespace windtunnel::chaos
