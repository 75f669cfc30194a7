// What service nodes state about themselves, where it is rare; everything frequent is counted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include "models/service/job.hpp"

namespace windtunnel::service {

struct ServiceStarted {
  static constexpr std::string_view kWireName = "service.started";
  std::string service;
  std::uint32_t version = 0;
};
BOOST_DESCRIBE_STRUCT(ServiceStarted, (), (service, version))

/// A request was turned away after a time without any such. `first` says how.
struct SheddingStarted {
  static constexpr std::string_view kWireName = "service.shedding_started";
  std::string service;
  JobOutcome first = JobOutcome::refused;
};
BOOST_DESCRIBE_STRUCT(SheddingStarted, (), (service, first))

/// Nothing was turned away for a second; noticed at the next request that is served.
struct SheddingEnded {
  static constexpr std::string_view kWireName = "service.shedding_ended";
  std::string service;
  std::uint64_t turned_away = 0;  ///< Since the start.
};
BOOST_DESCRIBE_STRUCT(SheddingEnded, (), (service, turned_away))

}  // namespace windtunnel::service
