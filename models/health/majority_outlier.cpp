#include "models/health/majority_outlier.hpp"

#include <algorithm>
#include <cmath>

#include "models/health/fisher_exact.hpp"
#include "runtime/check.hpp"
#include "runtime/portable_math.hpp"

namespace windtunnel::health {
namespace {

double failure_percent(const HostSample& sample) {
  return 100.0 * static_cast<double>(sample.failures) / static_cast<double>(sample.requests);
}

}  // namespace

MajorityOutlierTest::MajorityOutlierTest(const MajorityOutlierOptions& options)
    : options_(options) {
  check(options.false_alarm > 0 && options.false_alarm < 1, "a false alarm is possible");
  check(options.share > 0 && options.share <= 1, "a share of the other hosts");
  check(options.request_volume > 0, "a host is judged by its requests");
  check(options.minimum_hosts >= 2, "one host cannot be compared");
}

std::uint32_t MajorityOutlierTest::needed(std::size_t hosts) const {
  const double others = options_.share * static_cast<double>(hosts - 1);
  return std::max(1U, static_cast<std::uint32_t>(std::ceil(others)));
}

std::span<const MajorityOutlier> MajorityOutlierTest::find(std::span<const HostSample> samples) {
  found_.clear();
  judged_.clear();
  for (const HostSample& sample : samples) {
    if (sample.requests >= options_.request_volume) {
      judged_.push_back(sample);
    }
  }
  if (judged_.size() < options_.minimum_hosts) {
    return found_;
  }
  const double level = options_.false_alarm * options_.share / static_cast<double>(judged_.size());
  const double log_level = portable_log(level);
  const std::uint32_t quorum = needed(judged_.size());
  for (const HostSample& judged : judged_) {
    const auto better = std::count_if(judged_.begin(), judged_.end(), [&](const HostSample& other) {
      return is_worse(judged, other, log_level);
    });
    if (better >= quorum) {
      found_.push_back({.endpoint = judged.endpoint,
                        .failure_percent = failure_percent(judged),
                        .better_hosts = static_cast<std::uint32_t>(better),
                        .needed = quorum});
    }
  }
  // In place, unlike std::stable_sort; the endpoint decides between equals.
  std::sort(found_.begin(), found_.end(), [](const auto& left, const auto& right) {
    return left.failure_percent != right.failure_percent
               ? left.failure_percent > right.failure_percent
               : left.endpoint < right.endpoint;
  });
  return found_;
}

bool MajorityOutlierTest::is_worse(const HostSample& judged, const HostSample& other,
                                   double log_level) const {
  if (failure_percent(judged) - failure_percent(other) < options_.difference_min_percent ||
      judged.failures == 0) {
    return false;
  }
  return log_fisher_exact({judged.requests, judged.failures}, {other.requests, other.failures}) <=
         log_level;
}

}  // namespace windtunnel::health
