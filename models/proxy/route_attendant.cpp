#include "models/proxy/route_attendant.hpp"

#include <algorithm>
#include <utility>

#include "models/proxy/facts.hpp"

namespace windtunnel::proxy {

RouteAttendant::RouteAttendant(Host& host, Route& route, RouteAttendantOptions options)
    : host_(host), route_(route), options_(std::move(options)) {}

void RouteAttendant::follow() {
  if (route_.policy().health_check != health_check_) {
    follow_health_check();
  }
  if (!keeper_ && route_.policy().quota && !options_.control_plane.empty()) {
    keeper_.emplace(host_, route_, options_.callee, options_.control_plane);
  }
  if (keeper_) {
    keeper_->run();
  }
}

void RouteAttendant::follow_health_check() {
  health_check_ = route_.policy().health_check;
  route_.forget_health();
  if (!checker_) {
    checker_.emplace(
        host_, options_.callee, [this](const HealthChange& change) { report(change); },
        [this](balance::EndpointId passed) { route_.note_passed_check(host_.now(), passed); });
  }
  if (health_check_) {
    checker_->start(*health_check_, options_.endpoints);
  } else {
    checker_->stop();
  }
}

void RouteAttendant::update(std::vector<CheckedEndpoint> endpoints) {
  if (endpoints == options_.endpoints) {
    return;
  }
  options_.endpoints = std::move(endpoints);
  if (!health_check_) {
    return;
  }
  checker_->update(options_.endpoints);
  // The route's numbers may mean others than before.
  route_.forget_health();
  for (const balance::EndpointId unhealthy : checker_->unhealthy()) {
    route_.set_health(host_.now(), unhealthy, false);
  }
}

HostId RouteAttendant::host_of(balance::EndpointId endpoint) const {
  const auto found =
      std::find_if(options_.endpoints.begin(), options_.endpoints.end(),
                   [&](const CheckedEndpoint& known) { return known.id == endpoint; });
  check(found != options_.endpoints.end(), "only known endpoints are reported on");
  return found->host;
}

void RouteAttendant::report(const HealthChange& change) {
  route_.set_health(host_.now(), change.endpoint, change.is_healthy);
  const HostId endpoint = host_of(change.endpoint);
  if (change.is_healthy) {
    host_.journal().record(EndpointPassedChecks{options_.callee, endpoint});
  } else {
    host_.journal().record(
        EndpointFailedChecks{options_.callee, endpoint, std::string{change.cause}});
  }
}

}  // namespace windtunnel::proxy
