// The reports of a run and of a campaign for machines. Keys are stable: they are added to, never
// renamed.
//
// All times are seconds since the start of the run, all durations seconds, all ratios shares of
// one, in the shortest digits that read back as the same double. A value that is absent is null,
// beside a key that says which kind of absence it is and why: "censored" (infinite), "no_evidence"
// or "not_applicable".
//
// run:      report "windtunnel.run/1", scenario, seed, digest, verdict, reasons[], replay,
// simulated, wall_seconds,
//           events, messages, baseline_p99, steady {from, to}, faults[], measures[],
//           expectations[], findings[].
// campaign: report "windtunnel.campaign/1", scenario, verdict, counts {pass, inconclusive, fail,
// error}, runs[],
//           measures[], expectations[] (those over seeds).
#pragma once

#include <string>
#include <string_view>

#include "chaos/judge/campaign.hpp"
#include "chaos/judge/judgement.hpp"
#include "chaos/measure/record.hpp"

namespace windtunnel::chaos {

/// Text of one JSON object, indented, ending with a newline. Apart from wall_seconds it is equal
/// for equal runs.
[[nodiscard]] std::string run_json(const RunRecord& record, const Judgement& judgement,
                                   std::string_view replay);

/// The same for a campaign; `scenario_file` is what the replay commands name.
[[nodiscard]] std::string campaign_json(const Campaign& campaign, std::string_view scenario_file);

}  // namespace windtunnel::chaos
