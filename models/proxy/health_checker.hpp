// Checks the endpoints of one route from one proxy, each as Envoy would (health::EnvoyHealthCheck):
// sends the probes and says when an endpoint's health changes.
//
// It begins with the route, that is with its first request, so there is always traffic; an endpoint
// counts as healthy until its first check has failed, where Envoy has it wait for its first
// success. The first checks are spread over one interval.
//
// Cost for n endpoints and an interval t: 2·n/t messages a second and one timer in all; a probe
// costs O(log n), changes of health between two requests O(n) at the balancer. With 5000 endpoints
// and 5 s: 2000 messages a second and some 2 MB for each proxy.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/balance/endpoint.hpp"
#include "models/health/envoy_health_check.hpp"
#include "models/proxy/health_check_settings.hpp"
#include "models/service/health_messages.hpp"
#include "runtime/host.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::proxy {

/// Whom to check, and where it stands.
struct CheckedEndpoint {
  balance::EndpointId id{};
  HostId host{};
  friend bool operator==(const CheckedEndpoint&, const CheckedEndpoint&) = default;
};

/// Why an endpoint was found in or out of order.
struct HealthChange {
  balance::EndpointId endpoint{};
  bool is_healthy = true;
  std::string_view cause;  ///< "no answer", "connection", "another service"; or "answers".
};

class HealthChecker {
 public:
  using Report = std::function<void(const HealthChange&)>;
  using ReportPass = std::function<void(balance::EndpointId)>;

  /// `report` hears of changes of health, `report_pass` of every check passed by an endpoint that
  /// counts as healthy, be it only since then.
  HealthChecker(Host& host, std::string service, Report report, ReportPass report_pass);
  HealthChecker(const HealthChecker&) = delete;
  HealthChecker& operator=(const HealthChecker&) = delete;

  /// Checks from now on so, and from the beginning: all endpoints count as healthy again.
  void start(const HealthCheckSettings& settings, std::span<const CheckedEndpoint> endpoints);
  /// The endpoints from now on. Those that stay where they are keep what is known of them.
  void update(std::span<const CheckedEndpoint> endpoints);
  /// Checks nothing any more; what is under way is not heard.
  void stop();

  /// Those that were reported so, ascending.
  [[nodiscard]] std::vector<balance::EndpointId> unhealthy() const;
  [[nodiscard]] std::uint64_t probes() const { return probes_; }

 private:
  struct Endpoint {
    HostId host{};
    health::EnvoyHealthCheck check;
    /// Tells it from others that had, or will have, the same id.
    std::uint64_t life = 0;
    bool is_healthy = true;  ///< As reported.
  };
  /// A check that is due; nothing where the endpoint's life is another by then.
  struct Due {
    Instant at;
    balance::EndpointId id{};
    std::uint64_t life = 0;
    friend auto operator<=>(const Due&, const Due&) = default;
  };

  [[nodiscard]] Endpoint* find(balance::EndpointId id, std::uint64_t life);
  void add(const CheckedEndpoint& endpoint);
  void run();
  void probe(const Due& due, std::uint64_t attempt);
  void hear(const Due& due, std::uint64_t attempt, const error_code& error,
            const service::HealthAnswer& answer);

  Host& host_;
  std::string service_;
  Report report_;
  ReportPass report_pass_;
  RandomStream random_;
  health::EnvoyHealthCheckOptions options_;
  std::map<balance::EndpointId, Endpoint> endpoints_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::uint64_t lives_ = 0;
  std::uint64_t probes_ = 0;
  Timeout timer_;
};

}  // namespace windtunnel::proxy
