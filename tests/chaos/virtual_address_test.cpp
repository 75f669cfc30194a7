// Virtual addresses in whole runs: whom requests reach, how long the address is away, and that two
// holders are seen.
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "chaos/measure/address_measures.hpp"
#include "chaos/measure/measures.hpp"
#include "chaos/run/runner.hpp"
#include "tests/chaos/made_record.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

/// Two gateways behind one address, and two clients.
ScenarioText gateway(const std::string& timeline, const std::string& more = "") {
  ScenarioText scenario;
  scenario.topology = R"({ "hosts": { "cp": {}, "gw-{1..2}": {}, "client-{1..2}": {} } })";
  scenario.control_plane = R"({ "on": "cp")" + more + " }";
  scenario.more =
      R"("services": { "gateway": { "on": "gw-*", "workers": 8, "service_time": "1ms",
           "virtual_address": { "priorities": { "gw-1": 150 } } } },
         "policies": { "*→gateway": { "timeout": "100ms", "deadline": "100ms" } },)";
  scenario.load = R"([{ "to": "gateway", "from": "client-*", "rate": "200/s" }])";
  scenario.timeline = timeline;
  return scenario;
}

/// Requests by the gateway that they were sent to, between two instants; "" is nobody.
std::map<std::string, int> picks(const RunRecord& record, Duration from, Duration to) {
  std::map<std::string, int> counts;
  for (const OperationRecord& request : record.services[0].requests) {
    if (request.invoked_at >= at(from) && request.invoked_at < at(to)) {
      ++counts[request.picked == kNobody ? "" : record.host_names[request.picked.value()]];
    }
  }
  return counts;
}

Duration length_of(const RunRecord& record, std::string_view measure, std::string_view id) {
  const Measures measures{record, {}};
  const MeasureValue value = measures.after(measure, *measures.find_fault(id));
  return value.amount() == nullptr ? Duration{-1} : std::get<Duration>(*value.amount());
}

constexpr const char* kLoss =
    R"([{ "id": "loss", "at": { "between": ["20s", "21s"] }, "host_loss": "gw-1", "restart_after": "20s" }])";

TEST(VirtualAddress, SendsAllToItsHolderAndToTheOtherWhenThatIsLost) {
  for (const std::string more :
       {"", R"(, "registry": { "heartbeat": "1s", "expire_after": 30 })"}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const RunRecord record = run_plan(planned(gateway(kLoss, more), seed), {});
      const Duration failover = length_of(record, "virtual_address.failover", "loss");
      EXPECT_GT(failover, 2600ms) << "seed " << seed;
      EXPECT_LT(failover, 3611ms) << "seed " << seed;
      EXPECT_EQ(length_of(record, "virtual_address.no_holder", "loss"), failover);
      EXPECT_LT(length_of(record, "virtual_address.two_holders", "loss"), 10ms);
      const Duration lost = record.faults[0].injected_at.time_since_epoch();
      EXPECT_EQ(picks(record, 5s, lost).size(), 1U) << "seed " << seed;
      EXPECT_EQ(picks(record, 5s, lost).count("gw-1"), 1U) << "seed " << seed;
      const auto later = picks(record, lost + failover + 10ms, lost + 20s);
      EXPECT_EQ(later.size(), 1U) << "seed " << seed;
      EXPECT_EQ(later.count("gw-2"), 1U) << "seed " << seed;
      EXPECT_EQ(picks(record, lost + 25s, 60s).count("gw-2"), 0U) << "seed " << seed;
    }
  }
}

TEST(VirtualAddress, ShowsThatTwoHoldIt) {
  const std::string deaf =
      R"([{ "id": "deaf", "at": "20s", "for": "20s", "loss": "100%", "between": ["gw-1", "gw-2"], "one_way": true }])";
  const RunRecord record = run_plan(planned(gateway(deaf)), {});
  // Taken three intervals and a skew after the last advertisement; yielded at the first one after
  // the link is mended.
  const Duration both = length_of(record, "virtual_address.two_holders", "deaf");
  EXPECT_GT(both, 16s);
  EXPECT_LT(both, 18s + 10ms);
  EXPECT_EQ(length_of(record, "virtual_address.no_holder", "deaf"), Duration::zero());
  EXPECT_EQ(record.addresses.size(), 3U);
}

/// From 5 s on cp-a holds an address that cp-b takes at 23 s, and yields at 27 s. At 20 s something
/// happens to cp-a.
RunRecord record_with(const std::string& kind) {
  RunRecord record = steady_record(30s);
  FaultRecord fault = strike("fault", 20s, 25s);
  fault.kind = kind;
  fault.targets = {cp_a};
  record.faults.push_back(fault);
  record.addresses = {
      {at(5s), cp_a, "gw", true}, {at(23s), cp_b, "gw", true}, {at(27s), cp_b, "gw", false}};
  return record;
}

Duration measure_of(const RunRecord& record, std::string_view measure) {
  const MeasureValue value = address_measure(record, measure, fault_groups(record).front());
  return std::get<Duration>(*value.amount());
}

TEST(AddressMeasures, TakeWhatEndsForNoHolderAndWhatIsOnlySlowForOne) {
  for (const char* const kind : {"crash", "host_loss"}) {
    const RunRecord record = record_with(kind);
    EXPECT_EQ(measure_of(record, "virtual_address.failover"), Duration{3s}) << kind;
    EXPECT_EQ(measure_of(record, "virtual_address.no_holder"), Duration{3s + 3s}) << kind;
    EXPECT_EQ(measure_of(record, "virtual_address.two_holders"), Duration::zero()) << kind;
  }
  for (const char* const kind : {"pause", "loss", "partition"}) {
    const RunRecord record = record_with(kind);
    EXPECT_EQ(measure_of(record, "virtual_address.no_holder"), Duration::zero()) << kind;
    EXPECT_EQ(measure_of(record, "virtual_address.two_holders"), Duration{4s}) << kind;
  }
  EXPECT_EQ(no_holder(record_with("pause"), {at(0s), at(30s)}), measured(Duration{5s}, 1));
}

}  // namespace
}  // namespace windtunnel::chaos
