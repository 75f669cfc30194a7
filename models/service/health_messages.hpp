// What a proxy that checks endpoints says to them, and they to it.
#pragma once

#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

namespace windtunnel::service {

struct HealthProbe {
  static constexpr std::string_view kWireName = "service.health_probe";
  std::string service;
};
BOOST_DESCRIBE_STRUCT(HealthProbe, (), (service))

/// An answer at all means that the process runs and is reached.
struct HealthAnswer {
  static constexpr std::string_view kWireName = "service.health_answer";
  bool serves = false;  ///< False where another service stands there.
};
BOOST_DESCRIBE_STRUCT(HealthAnswer, (), (serves))

}  // namespace windtunnel::service
