// Writes down what one load on a service did, request by request, as its client saw it.
#pragma once

#include <cstdint>

#include "chaos/measure/record.hpp"
#include "models/client/call_record.hpp"
#include "runtime/host.hpp"
#include "sim/world.hpp"

namespace windtunnel::chaos {

/// Appends to the requests of `service`, as other loads on it do as well. Latency counts from when
/// a request was due: a client that was paused does not hide what it did not send.
class TrafficRecorder final : public client::CallSink {
 public:
  TrafficRecorder(sim::World& world, Host& host, ServiceRecord& service);

  std::uint64_t begin(Instant due) override;
  void end(const client::CallRecord& record) override;

 private:
  sim::World& world_;
  Host& host_;
  ServiceRecord& service_;
};

}  // namespace windtunnel::chaos
