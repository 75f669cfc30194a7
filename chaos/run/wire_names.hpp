// The names of all types of messages and facts that may occur in a run. In a trace stands only
// wire_id(name).
#pragma once

#include <string_view>
#include <vector>

namespace windtunnel::chaos {

[[nodiscard]] std::vector<std::string_view> wire_names();

}  // namespace windtunnel::chaos
