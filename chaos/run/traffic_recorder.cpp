#include "chaos/run/traffic_recorder.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

TrafficRecorder::TrafficRecorder(sim::World& world, Host& host,
                                 std::vector<OperationRecord>& requests)
    : world_(world), host_(host), requests_(requests) {}

void TrafficRecorder::begin(Instant due) {
  OperationRecord request;
  request.number = requests_.size();
  request.client = host_.id();
  request.kind = OperationKind::read;
  request.invoked_at = world_.now() - (host_.now() - due);
  open_.push_back({due, requests_.size(), false});
  requests_.push_back(request);
}

void TrafficRecorder::end(const client::CallRecord& record) {
  auto open = std::lower_bound(open_.begin(), open_.end(), record.due,
                               [](const Open& o, Instant due) { return o.due < due; });
  while (open != open_.end() && open->has_ended) {
    ++open;
  }
  check(open != open_.end() && open->due == record.due, "what ends has begun");
  open->has_ended = true;
  OperationRecord& request = requests_[open->index];
  request.ended_at = world_.now();
  request.outcome =
      record.outcome == service::CallOutcome::ok ? OperationOutcome::ok : OperationOutcome::failed;
  request.attempts = countable(record.attempts);
  request.picked = record.picked.value_or(kNobody);
  request.policy = record.policy;
  request.version = record.version;
  while (!open_.empty() && open_.front().has_ended) {
    open_.pop_front();
  }
}

}  // namespace windtunnel::chaos
