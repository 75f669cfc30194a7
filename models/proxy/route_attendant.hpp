// What goes on beside a route though no request asks for it: health checks of its endpoints, and
// the lease on its quota. Follows the route's policy; the decisions are the Route's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/proxy/health_checker.hpp"
#include "models/proxy/quota_keeper.hpp"
#include "models/proxy/route.hpp"
#include "runtime/host.hpp"

namespace windtunnel::proxy {

struct RouteAttendantOptions {
  std::string callee;
  std::vector<CheckedEndpoint> endpoints;
  std::vector<HostId> control_plane;  ///< Empty: there is none, and no lease.
};

class RouteAttendant {
 public:
  /// Whether a policy has work for an attendant; most have none, and need none.
  [[nodiscard]] static bool is_needed(const RoutePolicy& policy) {
    return policy.health_check || policy.quota;
  }

  /// The route outlives it, and it lives as long as the process.
  RouteAttendant(Host& host, Route& route, RouteAttendantOptions options);
  RouteAttendant(const RouteAttendant&) = delete;
  RouteAttendant& operator=(const RouteAttendant&) = delete;

  /// The route's policy may have changed.
  void follow();
  /// The route's endpoints, which may have changed.
  void update(std::vector<CheckedEndpoint> endpoints);

 private:
  void follow_health_check();
  void report(const HealthChange& change);
  [[nodiscard]] HostId host_of(balance::EndpointId endpoint) const;

  Host& host_;
  Route& route_;
  RouteAttendantOptions options_;
  std::optional<HealthCheckSettings> health_check_;
  std::optional<HealthChecker> checker_;
  std::optional<QuotaKeeper> keeper_;
};

}  // namespace windtunnel::proxy
