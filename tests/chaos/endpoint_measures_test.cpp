#include "chaos/measure/endpoint_measures.hpp"

#include <gtest/gtest.h>

#include "tests/chaos/made_record.hpp"

namespace windtunnel::chaos {
namespace {

const HostId kInstance{10};
const HostId kProxy{11};

/// At 20 s something of `kind` happens that has an instance of the shop among its hosts. The
/// registry drops the instance at 22 s, and the only proxy that calls it 100 ms later; at 26 s it
/// is registered again.
RunRecord record_with(const std::string& kind) {
  RunRecord record = steady_record(30s);
  record.services.push_back({"shop", 1s, {}, {kInstance}, {kProxy}});
  FaultRecord fault = strike("fault", 20s, 25s);
  fault.kind = kind;
  fault.targets = {kInstance};
  record.faults.push_back(fault);
  record.endpoint_changes.push_back({at(22s), kInstance, "shop", 7, true});
  record.policies_applied.push_back({at(22100ms), kProxy, 7});
  record.enrolments.push_back({at(26s), kInstance});
  return record;
}

MeasureValue value_of(const RunRecord& record, std::string_view measure) {
  return endpoint_measure(record, measure, fault_groups(record).front());
}

TEST(EndpointMeasures, CountFromTheLossUntilTheProxiesKnow) {
  for (const char* const kind : {"crash", "host_loss", "pause", "partition", "delay", "loss"}) {
    const RunRecord record = record_with(kind);
    EXPECT_EQ(value_of(record, "endpoints.convergence.expire"), measured(Duration{2s}, 1)) << kind;
    EXPECT_EQ(value_of(record, "endpoints.convergence.max"), measured(Duration{2100ms}, 1)) << kind;
    EXPECT_EQ(value_of(record, "endpoints.enrolment"), measured(Duration{1s}, 1)) << kind;
  }
}

TEST(EndpointMeasures, TakeTheClientsOfALoadForNoneThatWereStruck) {
  for (const char* const kind : {"load", "policy", "canary"}) {
    const RunRecord record = record_with(kind);
    for (const char* const measure :
         {"endpoints.convergence.expire", "endpoints.convergence.max", "endpoints.stale_requests",
          "endpoints.return.max", "endpoints.enrolment"}) {
      EXPECT_TRUE(std::holds_alternative<NotApplicable>(value_of(record, measure).what))
          << kind << ' ' << measure;
    }
  }
}

}  // namespace
}  // namespace windtunnel::chaos
