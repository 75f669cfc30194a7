#include "chaos/measure/replication_index.hpp"

#include <algorithm>
#include <tuple>

namespace windtunnel::chaos {

bool is_later(const AcceptedRecord& one, const AcceptedRecord& other) {
  return std::tie(one.time, one.dot.replica) > std::tie(other.time, other.dot.replica);
}

ReplicationIndex::ReplicationIndex(const ReplicationRecord& record) : record_(&record) {
  for (const AcceptedRecord& operation : record.accepted) {
    operations_.emplace(operation.dot, &operation);
    replaced_.insert(operation.replaced.begin(), operation.replaced.end());
    if (is_of_map(operation.kind)) {
      const AcceptedRecord*& last = last_[operation.key];
      last = last == nullptr || is_later(operation, *last) ? &operation : last;
      if (operation.replaced.empty() && !operation.is_lost) {
        first_writes_[operation.key].push_back(&operation);
      }
    }
  }
  for (const ProgressRecord& progress : record.progress) {
    progress_[{progress.replica, progress.origin}].push_back(&progress);
  }
  for (const ReplicaCallRecord& call : record.calls) {
    const bool is_write =
        call.kind == replica::CallKind::put || call.kind == replica::CallKind::erase;
    const AcceptedRecord* const write = call.dot ? find(*call.dot) : nullptr;
    if (is_write && call.is_answered && write != nullptr) {
      acked_[call.key].push_back({write, call.invoked_at, *call.ended_at});
    }
  }
  for (auto& [key, writes] : acked_) {
    std::ranges::stable_sort(writes, {}, &AckedWrite::acked_at);
  }
}

const AcceptedRecord* ReplicationIndex::find(const replica::Dot& dot) const {
  const auto found = operations_.find(dot);
  return found == operations_.end() ? nullptr : found->second;
}

std::optional<TrueInstant> ReplicationIndex::seen_at(replica::ReplicaId replica,
                                                     const replica::Dot& dot) const {
  const auto rows = progress_.find({replica, dot.replica});
  if (rows == progress_.end()) {
    return std::nullopt;
  }
  const auto seen = std::ranges::lower_bound(rows->second, dot.number, {}, &ProgressRecord::number);
  return seen == rows->second.end() ? std::nullopt : std::optional{(*seen)->at};
}

std::optional<TrueInstant> ReplicationIndex::everywhere_at(const replica::Dot& dot) const {
  TrueInstant last = TrueInstant::min();
  for (std::uint32_t i = 0; i < record_->replicas.size(); ++i) {
    const std::optional<TrueInstant> seen = seen_at(replica::ReplicaId{i}, dot);
    if (!seen) {
      return std::nullopt;
    }
    last = std::max(last, *seen);
  }
  return last;
}

bool ReplicationIndex::is_replaced(const AcceptedRecord& operation) const {
  if (replaced_.contains(operation.dot)) {
    return true;
  }
  const auto writes = first_writes_.find(operation.key);
  if (operation.kind != replica::OperationKind::erase || writes == first_writes_.end()) {
    return false;
  }
  return std::ranges::any_of(writes->second, [&](const AcceptedRecord* write) {
    const std::optional<TrueInstant> seen = seen_at(write->dot.replica, operation.dot);
    return is_later(*write, operation) && seen && *seen <= write->at;
  });
}

const AcceptedRecord* ReplicationIndex::last_write_to(std::string_view key) const {
  const auto found = last_.find(key);
  return found == last_.end() ? nullptr : found->second;
}

std::set<std::string> ReplicationIndex::elements() const {
  std::set<std::string> elements;
  for (const AcceptedRecord& operation : record_->accepted) {
    if (operation.kind == replica::OperationKind::add && !replaced_.contains(operation.dot)) {
      elements.insert(operation.key);
    }
  }
  return elements;
}

}  // namespace windtunnel::chaos
