// The report of a campaign for a terminal: verdicts, statistics over seeds, recovery histograms and
// the seeds to look at.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "chaos/judge/campaign.hpp"
#include "chaos/report/report_style.hpp"

namespace windtunnel::chaos {

/// `scenario_file` is what the replay commands name. Ends with a newline.
[[nodiscard]] std::string campaign_report(const Campaign& campaign, std::string_view scenario_file,
                                          const Style& style);

/// One line per bin between the smallest and the largest finite sample, and one for the censored
/// ones. Empty without samples.
[[nodiscard]] std::string histogram(const MeasureOverSeeds& measure, std::size_t bins,
                                    const Style& style);

}  // namespace windtunnel::chaos
