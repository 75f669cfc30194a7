// One fact as a line for people: time, host, name and members.
#pragma once

#include <string>
#include <vector>

#include "sim/fact_log.hpp"

namespace windtunnel::chaos {

/// "20.000123456 s  cp-b  raft.leader_elected  term=3 last.term=2 last.index=41".
[[nodiscard]] std::string fact_text(const sim::Fact& fact,
                                    const std::vector<std::string>& host_names);

}  // namespace windtunnel::chaos
