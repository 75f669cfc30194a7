#include "chaos/run/requests_of_plan.hpp"

#include <algorithm>
#include <variant>
#include <vector>

#include "chaos/measure/record.hpp"
#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

double per_nanosecond(Rate rate) {
  return static_cast<double>(rate.events) / static_cast<double>(rate.per.count());
}

/// As many as there would be if the higher rate at either end of a slope held all along it.
double requests_of(const std::vector<RateSetting>& profile, Duration length) {
  double requests = 0;
  for (std::size_t i = 0; i < profile.size(); ++i) {
    const bool is_last = i + 1 == profile.size();
    const Duration until = is_last ? length : std::min(profile[i + 1].at, length);
    const bool is_slope = !is_last && profile[i].then == client::RateChange::ramp;
    const double rate = std::max(per_nanosecond(profile[i].rate),
                                 is_slope ? per_nanosecond(profile[i + 1].rate) : 0);
    requests += rate * static_cast<double>(std::max(until - profile[i].at, Duration{}).count());
  }
  return requests;
}

/// How many a closed loop makes depends on the answers.
double requests_of(const Load& load, Duration length) {
  if (load.users) {
    return 0;
  }
  const double nanoseconds = static_cast<double>(length.count());
  switch (load.arrivals) {
    case Arrivals::poisson:
    case Arrivals::constant:
      return load.profile.empty() ? per_nanosecond(load.rate) * nanoseconds
                                  : requests_of(load.profile, length);
    case Arrivals::bursty:
      return nanoseconds *
             std::max(per_nanosecond(load.bursts.on), per_nanosecond(load.bursts.off));
    case Arrivals::replay:
      return static_cast<double>(load.trace.size());
  }
  check(false, "arrivals outside their enumeration");
  return 0;
}

double requests_expected(const Plan& plan, const std::string& service) {
  double requests = 0;
  for (const Load& load : plan.loads) {
    requests += load.to == service ? requests_of(load, plan.duration) : 0;
  }
  constexpr double kSpread = 1.01;
  return requests * kSpread;
}

Duration longest_deadline(const std::vector<proxy::RoutePolicy>& policies,
                          const std::string& service) {
  Duration longest{};
  for (const proxy::RoutePolicy& policy : policies) {
    if (policy.callee == service) {
      longest = std::max(longest, policy.deadline);
    }
  }
  return longest;
}

}  // namespace

Duration patience_with(const Plan& plan, const std::string& service) {
  Duration longest =
      std::max(proxy::RoutePolicy{}.deadline, longest_deadline(plan.policies, service));
  for (const TimelineEntry& entry : plan.timeline) {
    if (const PolicyChange* const change = std::get_if<PolicyChange>(&entry.fault)) {
      longest = std::max(longest, longest_deadline(change->policies, service));
    }
  }
  return longest;
}

std::vector<std::uint32_t> versions_of(const PlannedService& service) {
  std::vector<std::uint32_t> versions = ServiceRecord{}.versions;
  for (const PlannedVersion& version : service.versions) {
    versions.push_back(version.version);
  }
  std::ranges::sort(versions);
  versions.erase(std::ranges::unique(versions).begin(), versions.end());
  check(versions.size() <= kVersionsMax,
        "a service has no more versions than a record can tell apart");
  return versions;
}

std::vector<std::size_t> requests_to_reserve(const Plan& plan) {
  std::vector<std::size_t> rooms;
  std::size_t left = kRequestsReservedMax;
  for (const PlannedService& service : plan.services) {
    const double wanted = requests_expected(plan, service.name);
    // Compared as it is: what is wanted may be more than the type can count.
    const bool fits = wanted < static_cast<double>(left);
    rooms.push_back(fits ? static_cast<std::size_t>(wanted) : left);
    left -= rooms.back();
  }
  return rooms;
}

}  // namespace windtunnel::chaos
