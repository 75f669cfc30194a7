#include "chaos/measure/replication_record.hpp"

#include <algorithm>
#include <iterator>

namespace windtunnel::chaos {

namespace {

template <typename Row, typename Time>
std::vector<Row> until(const std::vector<Row>& rows, TrueInstant at, Time Row::*time) {
  std::vector<Row> before;
  std::ranges::copy_if(rows, std::back_inserter(before),
                       [&](const Row& row) { return row.*time < at; });
  return before;
}

}  // namespace

ReplicationRecord as_it_stood(const ReplicationRecord& record, TrueInstant at) {
  ReplicationRecord before;
  before.replicas = record.replicas;
  before.accepted = until(record.accepted, at, &AcceptedRecord::at);
  before.progress = until(record.progress, at, &ProgressRecord::at);
  before.calls = until(record.calls, at, &ReplicaCallRecord::invoked_at);
  for (ReplicaCallRecord& call : before.calls) {
    if (call.ended_at && *call.ended_at >= at) {
      call.ended_at.reset();
      call.is_answered = false;
      call.dot.reset();
    }
  }
  return before;
}

}  // namespace windtunnel::chaos
