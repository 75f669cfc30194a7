#include "tests/models/rollout/made_traffic.hpp"

#include <cmath>

namespace windtunnel::rollout {

using namespace std::chrono_literals;

proxy::VersionReport report_of(const Traffic& traffic, std::uint32_t second, PartsPerBillion share,
                               RandomStream& random) {
  proxy::VersionReport report{"shop", {{1, 0, 0, {}}, {2, 0, 0, {}}}};
  const bool is_out = second >= traffic.outage_from && second < traffic.outage_to;
  const double rates[] = {is_out ? traffic.outage_errors : traffic.stable_errors,
                          is_out ? traffic.outage_errors : traffic.canary_errors};
  for (std::uint32_t i = 0; i < traffic.attempts; ++i) {
    const std::size_t version = random.below(proxy::kWholeInParts) < share ? 1 : 0;
    proxy::VersionCounts& counts = report.versions[version];
    ++counts.attempts;
    if (random.unit() < rates[version]) {
      ++counts.errors;
    } else if (traffic.has_latencies) {
      const double slower = version == 1 ? traffic.canary_slower : 1;
      const double latency = 10e6 * slower * random.exponential();
      proxy::add_to(counts.latencies,
                    proxy::bucket_of(Duration{static_cast<std::int64_t>(latency)}), 1);
    }
  }
  return report;
}

RolloutSpec held_at(PartsPerBillion share, Duration pause) {
  RolloutSpec spec;
  spec.service = "shop";
  spec.steps = {{StepKind::weight, share, {}}, {StepKind::pause, 0, pause}};
  spec.analysis.p99_rise.reset();
  return spec;
}

Ended end_of(const RolloutSpec& spec, const Traffic& traffic, std::uint64_t seed) {
  RandomStream random{seed, "made_traffic"};
  Instant now{1s};
  Rollout rollout{RolloutRecord{spec, {}}, now};
  rollout.advance(now);
  Ended ended;
  while (rollout.state().phase == Phase::progressing) {
    rollout.observe(report_of(traffic, ended.seconds, rollout.state().weight, random));
    now += 1s;
    ++ended.seconds;
    rollout.advance(now);
  }
  ended.phase = rollout.state().phase;
  ended.exposed = rollout.state().errors.canary.attempts;
  return ended;
}

std::uint32_t count_ends(const RolloutSpec& spec, const Traffic& traffic, std::uint32_t seeds,
                         Phase phase) {
  std::uint32_t count = 0;
  for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
    count += end_of(spec, traffic, seed).phase == phase ? 1U : 0U;
  }
  return count;
}

bool is_condemned_by_looking(const Traffic& traffic, PartsPerBillion share, std::uint32_t seconds,
                             std::uint64_t seed) {
  constexpr double kFivePercent = 1.6449;
  RandomStream random{seed, "made_traffic"};
  Tally stable;
  Tally canary;
  for (std::uint32_t second = 0; second < seconds; ++second) {
    const proxy::VersionReport report = report_of(traffic, second, share, random);
    stable += {report.versions[0].attempts, report.versions[0].errors};
    canary += {report.versions[1].attempts, report.versions[1].errors};
    const auto n = static_cast<double>(stable.attempts);
    const auto m = static_cast<double>(canary.attempts);
    const double pooled = static_cast<double>(stable.errors + canary.errors) / (n + m);
    const double difference = static_cast<double>(canary.errors) / std::max(m, 1.0) -
                              static_cast<double>(stable.errors) / std::max(n, 1.0);
    const double deviation = std::sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
    if (m > 0 && deviation > 0 && difference > kFivePercent * deviation) {
      return true;
    }
  }
  return false;
}

}  // namespace windtunnel::rollout
