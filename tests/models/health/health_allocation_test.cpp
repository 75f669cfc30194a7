// This program replaces the global operator new to count: what requests and sweeps touch does not
// allocate in steady state.
#include <cstdint>

#include <gtest/gtest.h>

#include "models/health/envoy_health_check.hpp"
#include "models/health/phi_accrual.hpp"
#include "tests/models/health/hosts_under_test.hpp"
#include "tests/sim/counted_allocations.hpp"

namespace windtunnel::health {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Hosts that fail at random, are ejected and return; every test is on.
class Churn {
 public:
  Churn() : detector_(detector_over(kHosts, options())) {}

  void run(int reports) {
    for (int report = 0; report < reports; ++report) {
      now_ += milliseconds{1};
      const auto host = static_cast<std::uint32_t>(random_.below(kHosts));
      const bool fails = random_.below(host < 10 ? 2 : 20) == 0;
      detector_.report_response(now_, balance::EndpointId{host}, fails ? 503 : 200);
      if (now_ >= detector_.next_deadline()) {
        detector_.on_deadline(now_);
        ejections_ += detector_.events().size();
        detector_.clear_events();
      }
    }
  }
  [[nodiscard]] std::uint64_t ejections() const { return ejections_; }

 private:
  static constexpr std::uint32_t kHosts = 40;

  static OutlierOptions options() {
    OutlierOptions options;
    options.max_ejection_percent = 50;
    options.consecutive_gateway_failure.enforcing_percent = 50;
    options.failure_percentage.enforcing_percent = 100;
    options.majority_enabled = true;
    options.available_percent_min = 30;
    return options;
  }

  OutlierDetector detector_;
  RandomStream random_{9, "churn"};
  Instant now_{};
  std::uint64_t ejections_ = 0;
};

TEST(OutlierDetectorMemory, DoesNotGrowInSteadyState) {
  Churn churn;
  churn.run(200'000);
  const std::uint64_t before = counted_allocations();
  const std::uint64_t ejections_before = churn.ejections();
  churn.run(500'000);
  EXPECT_EQ(counted_allocations(), before);
  EXPECT_GT(churn.ejections(), ejections_before + 100);
}

TEST(PhiAccrualMemory, AHeartbeatAllocatesNothing) {
  PhiAccrual detector;
  Instant now{};
  const std::uint64_t before = counted_allocations();
  for (int beat = 0; beat < 10'000; ++beat) {
    detector.heartbeat(now);
    now += seconds{1};
  }
  EXPECT_EQ(counted_allocations(), before);
  EXPECT_TRUE(detector.is_available(now));
}

TEST(EnvoyHealthCheckMemory, ACheckAllocatesNothing) {
  EnvoyHealthCheck host({}, Instant{}, RandomStream(1, "check"));
  const std::uint64_t before = counted_allocations();
  for (int check = 0; check < 10'000; ++check) {
    const Instant now = host.next_deadline();
    if (const auto attempt = host.on_deadline(now)) {
      host.succeed(now, attempt->number);
    }
  }
  EXPECT_EQ(counted_allocations(), before);
  EXPECT_TRUE(host.is_healthy());
}

}  // namespace
}  // namespace windtunnel::health
