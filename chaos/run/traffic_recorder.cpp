#include "chaos/run/traffic_recorder.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

std::uint8_t place_of(std::uint32_t version, const std::vector<std::uint32_t>& versions) {
  const auto found = std::ranges::lower_bound(versions, version);
  check(found != versions.end() && *found == version, "a service has the versions of its plan");
  return static_cast<std::uint8_t>(found - versions.begin());
}

/// A revision is the place of an entry in a log, which no run fills so far.
std::uint32_t narrowed(std::uint64_t revision) {
  check(revision <= std::numeric_limits<std::uint32_t>::max(), "a run makes fewer revisions");
  return static_cast<std::uint32_t>(revision);
}

}  // namespace

TrafficRecorder::TrafficRecorder(sim::World& world, Host& host, ServiceRecord& service)
    : world_(world), host_(host), service_(service) {}

std::uint64_t TrafficRecorder::begin(Instant due) {
  OperationRecord request;
  request.client = host_.id();
  request.version = 0;
  request.invoked_at = world_.now() - (host_.now() - due);
  service_.requests.push_back(request);
  return service_.requests.size() - 1;
}

void TrafficRecorder::end(const client::CallRecord& record) {
  check(record.number < service_.requests.size(), "what ends has begun");
  OperationRecord& request = service_.requests[record.number];
  request.ended_at = world_.now();
  request.outcome =
      record.outcome == service::CallOutcome::ok ? OperationOutcome::ok : OperationOutcome::failed;
  request.attempts = countable(record.attempts);
  request.picked = record.picked.value_or(kNobody);
  request.policy = narrowed(record.policy);
  request.version = place_of(record.version, service_.versions);
}

}  // namespace windtunnel::chaos
