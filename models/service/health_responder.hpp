// Answers health checks beside an instance of a service: at once and without the station, so it
// tells whether the process runs and is reached, not whether the service keeps up.
#pragma once

#include <string>
#include <utility>

#include "models/service/health_messages.hpp"
#include "runtime/host.hpp"

namespace windtunnel::service {

class HealthResponder {
 public:
  HealthResponder(Host& host, std::string service)
      : subscription_(host.messages().serve<HealthProbe>(
            [&host, own = std::move(service)](HostId, const HealthProbe& probe,
                                              const ReplyTo& reply) {
              host.messages().reply(reply, HealthAnswer{probe.service == own});
            })) {}

 private:
  Subscription subscription_;
};

}  // namespace windtunnel::service
