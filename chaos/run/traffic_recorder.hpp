// Writes down what one load on a service did, request by request, as its client saw it.
#pragma once

#include <cstdint>
#include <vector>

#include "chaos/measure/record.hpp"
#include "models/client/call_record.hpp"
#include "runtime/host.hpp"
#include "sim/world.hpp"

namespace windtunnel::chaos {

/// Appends to `requests`, which other loads on the same service append to as well. Latency counts
/// from when a request was due: a client that was paused does not hide what it did not send.
class TrafficRecorder final : public client::CallSink {
 public:
  TrafficRecorder(sim::World& world, Host& host, std::vector<OperationRecord>& requests);

  std::uint64_t begin(Instant due) override;
  void end(const client::CallRecord& record) override;

 private:
  sim::World& world_;
  Host& host_;
  std::vector<OperationRecord>& requests_;
};

}  // namespace windtunnel::chaos
