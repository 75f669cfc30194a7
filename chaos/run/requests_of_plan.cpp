#include "chaos/run/requests_of_plan.hpp"

#include <algorithm>
#include <variant>

namespace windtunnel::chaos {

namespace {

double requests_expected(const Plan& plan, const std::string& service) {
  double requests = 0;
  for (const Load& load : plan.loads) {
    if (load.to == service && load.profile.empty() && !load.users && load.rate.events > 0) {
      requests += static_cast<double>(load.rate.events) *
                  static_cast<double>(plan.duration.count()) /
                  static_cast<double>(load.rate.per.count());
    }
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
