// A campaign as CSV (RFC 4180): one row per seed, one column per measure.
#pragma once

#include <string>
#include <string_view>

#include "chaos/judge/campaign.hpp"

namespace windtunnel::chaos {

/// `seed,verdict,digest`, then a column per measure, named as in `expect`
/// ("control_plane.recovery_time@leader-loss"). Durations in seconds, in the shortest digits that
/// read back as the same double; `inf` where censored; empty where not applicable, without
/// evidence, or where the run ended in an error. Lines end with CR LF.
[[nodiscard]] std::string campaign_csv(const Campaign& campaign);

/// Quoted where it holds a comma, a quote or a line break.
[[nodiscard]] std::string csv_field(std::string_view text);

}  // namespace windtunnel::chaos
