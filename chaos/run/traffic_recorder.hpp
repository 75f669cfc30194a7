// Writes down what one load on a service did, request by request, as its client saw it.
#pragma once

#include <cstddef>
#include <deque>
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

  void begin(Instant due) override;
  void end(const client::CallRecord& record) override;

 private:
  struct Open {
    Instant due{};
    std::size_t index = 0;
    bool has_ended = false;
  };

  sim::World& world_;
  Host& host_;
  std::vector<OperationRecord>& requests_;
  std::deque<Open> open_;  // By due time, which never goes back; ended ones leave at the front.
};

}  // namespace windtunnel::chaos
