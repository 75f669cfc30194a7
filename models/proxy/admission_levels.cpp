#include "models/proxy/admission_levels.hpp"

namespace windtunnel::proxy {

void AdmissionLevels::note(Instant now, balance::EndpointId endpoint,
                           service::DagorLevel admitted) {
  if (endpoint.value() >= known_.size()) {
    known_.resize(std::size_t{endpoint.value()} + 1);
  }
  known_[endpoint.value()] = {admitted, instant_after(now, settings_.keep)};
}

bool AdmissionLevels::would_be_refused(Instant now, balance::EndpointId endpoint,
                                       service::DagorLevel priority) const {
  if (endpoint.value() >= known_.size()) {
    return false;
  }
  const Known& known = known_[endpoint.value()];
  return priority > known.admitted && now < known.until;
}

}  // namespace windtunnel::proxy
