// What the endpoints of a route said they admit, so that a request which would be refused there is
// refused here, and costs neither a message nor the endpoint's time (DAGOR: Zhou et al., "Overload
// Control for Scaling WeChat Microservices", SoCC 2018, section 4.2.4). A core.
#pragma once

#include <cstddef>
#include <vector>

#include "models/balance/endpoint.hpp"
#include "models/proxy/route_admission_settings.hpp"
#include "models/service/dagor_admission.hpp"

namespace windtunnel::proxy {

class AdmissionLevels {
 public:
  explicit AdmissionLevels(const RouteAdmissionSettings& settings) : settings_(settings) {}

  [[nodiscard]] const RouteAdmissionSettings& settings() const { return settings_; }

  /// An endpoint answered, and admits this at present. O(1), but for the first of its number.
  void note(Instant now, balance::EndpointId endpoint, service::DagorLevel admitted);
  /// Whether the endpoint would turn the request away, by the last that it said. One that has said
  /// nothing for a while is asked again, so that a level which has risen is found out.
  [[nodiscard]] bool would_be_refused(Instant now, balance::EndpointId endpoint,
                                      service::DagorLevel priority) const;

 private:
  struct Known {
    service::DagorLevel admitted{};
    Instant until = Instant::min();
  };

  RouteAdmissionSettings settings_;
  std::vector<Known> known_;  ///< By endpoint.
};

}  // namespace windtunnel::proxy
