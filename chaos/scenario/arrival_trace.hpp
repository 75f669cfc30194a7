// Recorded arrivals in a file beside the scenario: one line each, the offset from the load's start
// with its unit ("1.5ms"), and behind a comma whatever else was recorded. A first line that begins
// with "at" is a header; empty lines do not count.
#pragma once

#include <vector>

#include "chaos/scenario/scenario_reader.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::chaos {

/// The file that `node` names, relative to the scenario's. Problems with the file as a whole are
/// noted at the node, those with a line at the line.
[[nodiscard]] std::vector<Duration> read_arrival_trace(const Node& node);

}  // namespace windtunnel::chaos
