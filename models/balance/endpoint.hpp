// What a balancer chooses among: endpoints as a control plane describes them, and the load that
// this chooser has put on each.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "runtime/check.hpp"
#include "runtime/id.hpp"

namespace windtunnel::balance {

/// One instance of a service. Dense from zero within one proxy and stable over snapshots, so that
/// loads and latencies survive an update.
using EndpointId = Id<struct EndpointTag>;

/// `draining` finishes what it has and what sticks to it, and takes nothing new.
enum class EndpointHealth : std::uint8_t { healthy, degraded, draining, unhealthy };

struct Endpoint {
  EndpointId id{};
  std::string address;         ///< What hash policies hash: "10.0.0.1:80", or a host's name.
  std::uint32_t weight = 1;    ///< 0 takes nothing new.
  std::string zone;            ///< The locality.
  std::uint32_t priority = 0;  ///< 0 is preferred.
  EndpointHealth health = EndpointHealth::healthy;
  /// Sorted by key; subsets select by them.
  std::vector<std::pair<std::string, std::string>> labels;
};

/// Requests under way from this chooser, by endpoint. Shared by all policies over parts of the same
/// endpoints.
class EndpointLoads {
 public:
  /// Room for ids below `count`; loads already known are kept.
  void resize(std::size_t count) { active_.resize(count); }

  [[nodiscard]] std::uint32_t active(EndpointId endpoint) const {
    return active_[endpoint.value()];
  }
  [[nodiscard]] std::uint64_t total_active() const { return total_; }

  void begin(EndpointId endpoint) {
    ++active_[endpoint.value()];
    ++total_;
  }
  void end(EndpointId endpoint) {
    check(active_[endpoint.value()] > 0, "a request ends once");
    --active_[endpoint.value()];
    --total_;
  }

 private:
  std::vector<std::uint32_t> active_;
  std::uint64_t total_ = 0;
};

}  // namespace windtunnel::balance
