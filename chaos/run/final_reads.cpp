#include "chaos/run/final_reads.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "models/kv/client.hpp"
#include "models/kv/workload.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::chaos {

namespace {

constexpr Duration kPatience = std::chrono::minutes{2};
constexpr std::uint32_t kKeysPerScan = 1000;

struct Scan {
  bool is_done = false;
  bool is_complete = false;
  std::vector<std::string> keys;  ///< Ascending: the order of the scan.
};

asio::awaitable<void> scan_all(Host& host, kv::ClientOptions options, Scan& scan) {
  kv::Client client{host, std::move(options)};
  kv::ScanRequest request;
  request.limit = kKeysPerScan;
  request.keys_only = true;
  for (;;) {
    auto result = co_await client.scan(request);
    if (result.outcome != kv::Outcome::ok) {
      break;
    }
    for (kv::KeyAndValue& entry : result.response.found) {
      scan.keys.push_back(std::move(entry.key));
    }
    if (!result.response.has_more) {
      scan.is_complete = true;
      break;
    }
    // The next key in order: the smallest string above the last one seen.
    request.from = scan.keys.back() + '\0';
  }
  scan.is_done = true;
}

}  // namespace

FinalReadsRecord read_everything(sim::World& world, const Plan& plan, const RunRecord& record,
                                 const std::vector<FactCollector::Write>& writes) {
  FinalReadsRecord reads;
  const auto load = std::find_if(plan.loads.begin(), plan.loads.end(),
                                 [](const Load& l) { return l.to == kControlPlane; });
  if (load == plan.loads.end()) {
    reads.why_not = "the scenario has no load on the control plane, so nothing was written";
    return reads;
  }
  kv::ClientOptions options;
  options.nodes = plan.control_plane.members;
  options.timeout = std::chrono::seconds{2};
  options.deadline = kPatience / 2;
  Scan scan;
  Host& reader = world.host(load->from.front());
  spawn(reader, scan_all(reader, std::move(options), scan));
  const TrueInstant give_up = world.now() + kPatience;
  while (!scan.is_done && world.now() < give_up && record.breaches.empty()) {
    world.run_until(world.now() + std::chrono::milliseconds{100});
  }
  if (!scan.is_complete) {
    reads.why_not = "the store did not answer the final reads, all faults healed";
    return reads;
  }
  reads.completed = true;
  // One client's writes are found one behind the other; only a gap, or another client, needs a
  // search.
  auto expected = scan.keys.cbegin();
  for (const FactCollector::Write& write : writes) {
    const OperationRecord& operation = record.operations[write.operation];
    const std::string key =
        kv::key_of(plan.hosts[write.client.value()].name, write.load, write.number);
    if (expected == scan.keys.cend() || *expected != key) {
      expected = std::lower_bound(scan.keys.cbegin(), scan.keys.cend(), key);
    }
    const bool is_visible = expected != scan.keys.cend() && *expected == key;
    if (is_visible) {
      ++expected;
    }
    if (operation.outcome == OperationOutcome::ok) {
      ++reads.acked;
      reads.visible += is_visible ? 1 : 0;
      if (!is_visible) {
        reads.lost_acked_at.push_back(operation.ended_at);
      }
    } else if (operation.outcome != OperationOutcome::failed) {
      ++reads.indeterminate;
      reads.indeterminate_visible += is_visible ? 1 : 0;
    }
  }
  std::sort(reads.lost_acked_at.begin(), reads.lost_acked_at.end());
  return reads;
}

}  // namespace windtunnel::chaos
