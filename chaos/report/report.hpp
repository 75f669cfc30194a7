// The report of one run for a terminal. The same facts for machines are in report_json.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "chaos/judge/judgement.hpp"
#include "chaos/measure/record.hpp"
#include "chaos/report/report_style.hpp"

namespace windtunnel::chaos {

/// The command that runs one seed of a scenario file again, quoted for a shell where needed.
[[nodiscard]] std::string replay_command(std::string_view scenario_file, std::uint64_t seed);

/// Header, timeline, recovery chains, latency and availability, expectations, verdict; and on
/// anything but a pass, the reasons and `replay`. Ends with a newline.
[[nodiscard]] std::string run_report(const RunRecord& record, const Judgement& judgement,
                                     std::string_view replay, const Style& style);

}  // namespace windtunnel::chaos
