// Passive health checking: hosts that fail requests, or do worse than the others, are taken out of
// service for a while. Envoy's outlier detection (main of 2026-02,
// source/common/upstream/outlier_detection_impl.cc), gRPC's dialect of it, and a test of our own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/balance/endpoint.hpp"
#include "models/health/majority_outlier.hpp"
#include "models/health/outlier_event.hpp"
#include "models/health/outlier_options.hpp"
#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::health {

/// How a request or connection ended, where there is no HTTP status to say so.
enum class OriginResult : std::uint8_t {
  /// Connected, and a result of the request itself will follow. Only `split` counts it.
  local_origin_connect_success,
  local_origin_connect_success_final,  ///< Connected, which is all there is (TCP).
  local_origin_connect_failed,
  local_origin_timeout,
  external_success,
  external_failure,
};

/// The rates of one sweep in percent: hosts below `threshold` are outliers.
struct SuccessRateThreshold {
  double mean = 0;
  double deviation = 0;
  double threshold = 0;
};

/// mean − factor·σ with σ of the population: {50, 100, 100, 100, 100} at 1.9 gives 90, 20 and 52.
/// Precondition: at least one rate.
[[nodiscard]] SuccessRateThreshold success_rate_threshold(std::span<const double> rates,
                                                          double factor);

/// Runs of failures eject as they are reported; rates are judged at sweeps, each over what was
/// reported since the one before; ejected hosts return at sweeps only. Three differences from
/// Envoy: reports take effect at once instead of through a post to the main thread; sweeps visit
/// hosts by rising id instead of in the order of a hash table, which matters where the cap spares
/// some; and a host that one sweep finds twice is ejected once, where Envoy counts it twice against
/// the cap.
class OutlierDetector {
 public:
  OutlierDetector(const OutlierOptions& options, Instant now, RandomStream random);

  /// The cluster's hosts from now on. Known ones keep their history, absent ones are forgotten.
  /// Those unhealthy or draining count as hosts, and as not available.
  void update_endpoints(std::span<const balance::Endpoint> endpoints);

  /// A response came with this HTTP status. O(1), allocates nothing in steady state, as `report`.
  void report_response(Instant now, balance::EndpointId endpoint, std::uint16_t status);
  /// A result without a status. Reports about hosts that are gone are ignored.
  void report(Instant now, balance::EndpointId endpoint, OriginResult result);
  /// One is going to be reported: its counts are asked for, since they are out of the cache by
  /// then.
  void expect_report(balance::EndpointId endpoint) const {
    __builtin_prefetch(hosts_.data() + endpoint.value());
  }
  /// An active health check of this host has ended.
  void report_active_check(Instant now, balance::EndpointId endpoint, bool healthy);

  /// Nobody checks any more: all count as passing. Returns nobody.
  void forget_active_checks();

  /// When the next sweep is due.
  [[nodiscard]] Instant next_deadline() const { return next_sweep_; }
  /// Sweeps if it is due. O(n), and O(n²) for the majority test.
  void on_deadline(Instant now);

  [[nodiscard]] bool is_ejected(balance::EndpointId endpoint) const;
  [[nodiscard]] std::uint32_t ejected_count() const { return ejected_count_; }
  [[nodiscard]] std::uint32_t host_count() const { return host_count_; }
  /// How many base ejection times the host's next ejection is worth, less one.
  [[nodiscard]] std::uint32_t backoff(balance::EndpointId endpoint) const;
  /// Of the last sweep over external results; absent if too few hosts had enough requests.
  [[nodiscard]] const std::optional<SuccessRateThreshold>& last_success_rate() const {
    return last_success_rate_;
  }

  /// Decisions since `clear_events`, oldest first. Whoever drives the detector clears them.
  [[nodiscard]] std::span<const OutlierEvent> events() const { return events_; }
  void clear_events() { events_.clear(); }

 private:
  struct Tally {
    std::uint64_t requests = 0;
    std::uint64_t successes = 0;
  };
  /// What is being counted, and what was when the last sweep began.
  struct Tallies {
    Tally current;
    Tally previous;
  };
  enum class Origin : std::uint8_t { external, local };

  struct Host {
    bool present = false;
    bool in_service = true;  ///< As the control plane has it.
    bool actively_healthy = true;
    bool ejected = false;
    std::uint32_t priority = 0;
    std::uint32_t consecutive_5xx = 0;
    std::uint32_t consecutive_gateway_failure = 0;
    std::uint32_t consecutive_local_origin_failure = 0;
    Tallies external;
    Tallies local;
    std::uint32_t backoff = 0;
    OutlierCause cause{};
    Instant ejected_at{};
    Duration ejection_time{};
    std::optional<Instant> returned_at;
  };
  struct Priority {
    std::uint32_t hosts = 0;
    std::uint32_t available = 0;
  };
  struct Candidate {
    balance::EndpointId endpoint{};
    double success_percent = 0;
  };
  /// A detection on its way to a decision.
  struct Detection {
    balance::EndpointId endpoint{};
    OutlierCause cause{};
    double value = 0;
    double threshold = 0;
    std::uint32_t enforcing_percent = 100;
  };

  [[nodiscard]] static bool is_available(const Host& host) {
    return host.in_service && host.actively_healthy && !host.ejected;
  }
  [[nodiscard]] Host* find(balance::EndpointId endpoint);
  [[nodiscard]] const Host* find(balance::EndpointId endpoint) const;

  // Reports.
  void count_local(Instant now, balance::EndpointId endpoint, Host& host, bool succeeded);
  void detect_run(Instant now, balance::EndpointId endpoint, Host& host, OutlierCause cause,
                  const ConsecutiveRule& rule, std::uint32_t& run);

  // Decisions.
  void decide(Instant now, const Detection& detection);
  [[nodiscard]] OutlierAction verdict_on(const Host& host, const Detection& detection);
  [[nodiscard]] bool cap_allows() const;
  [[nodiscard]] bool panic_allows(const Host& host) const;
  [[nodiscard]] Duration eject(Instant now, Host& host, OutlierCause cause);
  void return_host(Instant now, balance::EndpointId endpoint, Host& host, OutlierAction action);
  void set_ejected(Host& host, bool ejected);
  void record(Instant now, const Detection& detection, OutlierAction action, Duration time);

  // Sweeps.
  void sweep_as_envoy(Instant now);
  void sweep_as_grpc(Instant now);
  void begin_interval(Host& host);
  void judge(Instant now, Origin origin);
  void judge_success_rates(Instant now, Origin origin);
  void judge_failure_percentages(Instant now, Origin origin);
  void judge_majority(Instant now);
  void collect(Origin origin, std::uint64_t volume, std::vector<Candidate>& candidates);
  void relax_backoff(Instant now, Host& host);
  [[nodiscard]] bool is_over(Instant now, const Host& host) const;
  template <typename Visit>
  void for_each_host(Visit visit);

  OutlierOptions options_;
  RandomStream random_;
  Instant next_sweep_;
  std::vector<Host> hosts_;  ///< By endpoint id.
  std::vector<Priority> priorities_;
  std::uint32_t host_count_ = 0;
  std::uint32_t ejected_count_ = 0;
  MajorityOutlierTest majority_;
  std::optional<SuccessRateThreshold> last_success_rate_;
  std::vector<OutlierEvent> events_;
  // Memory of a sweep, kept for the next.
  std::vector<Candidate> rate_candidates_;
  std::vector<Candidate> percentage_candidates_;
  std::vector<double> rates_;
  std::vector<HostSample> samples_;
};

}  // namespace windtunnel::health
