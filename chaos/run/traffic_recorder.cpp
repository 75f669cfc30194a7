#include "chaos/run/traffic_recorder.hpp"

#include "runtime/check.hpp"

namespace windtunnel::chaos {

TrafficRecorder::TrafficRecorder(sim::World& world, Host& host,
                                 std::vector<OperationRecord>& requests)
    : world_(world), host_(host), requests_(requests) {}

std::uint64_t TrafficRecorder::begin(Instant due) {
  OperationRecord request;
  request.number = requests_.size();
  request.client = host_.id();
  request.kind = OperationKind::read;
  request.invoked_at = world_.now() - (host_.now() - due);
  requests_.push_back(request);
  return request.number;
}

void TrafficRecorder::end(const client::CallRecord& record) {
  check(record.number < requests_.size(), "what ends has begun");
  OperationRecord& request = requests_[record.number];
  request.ended_at = world_.now();
  request.outcome =
      record.outcome == service::CallOutcome::ok ? OperationOutcome::ok : OperationOutcome::failed;
  request.attempts = countable(record.attempts);
  request.picked = record.picked.value_or(kNobody);
  request.policy = record.policy;
  request.version = record.version;
}

}  // namespace windtunnel::chaos
