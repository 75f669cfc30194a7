#include "models/proxy/route_attendant.hpp"

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
    checker_.emplace(host_, options_.callee,
                     [this](const HealthChange& change) { report(change); });
  }
  if (health_check_) {
    checker_->start(*health_check_, options_.endpoints);
  } else {
    checker_->stop();
  }
}

void RouteAttendant::report(const HealthChange& change) {
  route_.set_health(host_.now(), change.endpoint, change.is_healthy);
  const HostId endpoint = options_.endpoints[change.endpoint.value()];
  if (change.is_healthy) {
    host_.journal().record(EndpointPassedChecks{options_.callee, endpoint});
  } else {
    host_.journal().record(
        EndpointFailedChecks{options_.callee, endpoint, std::string{change.cause}});
  }
}

}  // namespace windtunnel::proxy
