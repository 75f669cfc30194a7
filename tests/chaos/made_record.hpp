// Run records made by hand for the tests of measures, judgements and reports.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "chaos/measure/record.hpp"

namespace windtunnel::chaos {

using namespace std::chrono_literals;

[[nodiscard]] inline TrueInstant at(Duration since_start) {
  return TrueInstant{since_start};
}

inline const HostId cp_a{0};
inline const HostId cp_b{1};
inline const HostId cp_c{2};
inline const HostId client{3};

inline OperationRecord operation(Duration invoked, Duration latency,
                                 OperationOutcome outcome = OperationOutcome::ok) {
  OperationRecord made;
  made.client = client;
  made.invoked_at = at(invoked);
  made.ended_at = at(invoked + latency);
  made.outcome = outcome;
  made.attempts = 1;
  return made;
}

/// A control plane of three whose leader is cp-b in term 3, and a client that writes every 10 ms
/// from 1 s on; every write takes 2 ms.
inline RunRecord steady_record(Duration length) {
  RunRecord record;
  record.scenario = "Made by hand";
  record.seed = 7;
  record.digest = "0123456789abcdef0123456789abcdef";
  record.length = length;
  record.ended_at = at(length);
  record.host_names = {"cp-a", "cp-b", "cp-c", "client"};
  record.candidacies.push_back({.at = at(400ms), .host = cp_b, .term = 3, .pre_vote = false});
  record.leaders.push_back({.at = at(500ms), .host = cp_b, .term = 3});
  for (Duration t = 1s; t < length; t += 10ms) {
    record.operations.push_back(operation(t, 2ms));
    record.commits.push_back({.at = at(t + 1ms), .host = cp_b, .term = 3, .index = 1});
  }
  record.final_reads.completed = true;
  record.final_reads.acked = record.operations.size();
  record.final_reads.visible = record.operations.size();
  record.messages = 4000;
  record.events = 9000;
  return record;
}

inline FaultRecord strike(std::string id, Duration injected, std::optional<Duration> ended = {}) {
  FaultRecord fault;
  fault.id = std::move(id);
  fault.kind = "crash";
  fault.targets = {cp_b};
  fault.detail = "crash cp-b (leader, term 3)";
  fault.injected_at = at(injected);
  fault.effective_at = at(injected + 1ms);
  if (ended) {
    fault.ended_at = at(*ended);
  }
  fault.touched = 12;
  return fault;
}

/// What is invoked in [from, to) ends after `latency` with `outcome`.
inline void disturb(RunRecord& record, Duration from, Duration to, Duration latency,
                    OperationOutcome outcome) {
  for (OperationRecord& op : record.operations) {
    if (at(from) <= op.invoked_at && op.invoked_at < at(to)) {
      op.ended_at = op.invoked_at + latency;
      op.outcome = outcome;
    }
  }
}

/// 30 s; at 20 s cp-b crashes, and it restarts at 25 s. cp-a asks to stand at 21 s, stands in term
/// 4 at 21.01 s, leads from 21.05 s and commits from 21.1 s on. Writes invoked in [20 s, 21.1 s)
/// are given up after 300 ms.
inline RunRecord leader_loss_record() {
  RunRecord record = steady_record(30s);
  record.faults.push_back(strike("leader-loss", 20s, 25s));
  record.candidacies.push_back({.at = at(21s), .host = cp_a, .term = 4, .pre_vote = true});
  record.candidacies.push_back({.at = at(21010ms), .host = cp_a, .term = 4, .pre_vote = false});
  record.leaders.push_back({.at = at(21050ms), .host = cp_a, .term = 4});
  disturb(record, 20s, 21100ms, 300ms, OperationOutcome::indeterminate);
  std::erase_if(record.commits, [](const CommitRecord& commit) {
    return at(20s) <= commit.at && commit.at < at(21100ms);
  });
  for (CommitRecord& commit : record.commits) {
    if (commit.at > at(20s)) {
      commit.host = cp_a;
      commit.term = 4;
    }
  }
  record.commits.push_back({.at = at(21100ms), .host = cp_a, .term = 4, .index = 1});
  record.final_reads.indeterminate = 110;
  return record;
}

}  // namespace windtunnel::chaos
