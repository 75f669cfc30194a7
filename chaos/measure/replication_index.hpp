// The rows of a ReplicationRecord, arranged for the questions that measures ask of them.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chaos/measure/replication_record.hpp"

namespace windtunnel::chaos {

/// A write to the map that a client was told about.
struct AckedWrite {
  const AcceptedRecord* write = nullptr;
  TrueInstant invoked_at;
  TrueInstant acked_at;
};

/// Refers to the record, which must outlive it.
class ReplicationIndex {
 public:
  explicit ReplicationIndex(const ReplicationRecord& record);

  [[nodiscard]] const ReplicationRecord& record() const { return *record_; }

  /// Null where no operation of that name was stated.
  [[nodiscard]] const AcceptedRecord* find(const replica::Dot& dot) const;

  /// When the last replica had seen it; absent where one has not.
  [[nodiscard]] std::optional<TrueInstant> everywhere_at(const replica::Dot& dot) const;

  /// By key, in the order in which they were acknowledged.
  [[nodiscard]] const std::map<std::string_view, std::vector<AckedWrite>>& acked_writes() const {
    return acked_;
  }

  /// What the last writer wrote; null where nobody wrote to the key.
  [[nodiscard]] const AcceptedRecord* last_write_to(std::string_view key) const;
  /// Whether another operation took its place that knew of it. A deletion may have been forgotten
  /// by then: a write by a replica that had seen it and found nothing.
  [[nodiscard]] bool is_replaced(const AcceptedRecord& operation) const;

  /// The elements of the set that operations come to.
  [[nodiscard]] std::set<std::string> elements() const;

 private:
  /// When `replica` had seen it; absent where it has not.
  [[nodiscard]] std::optional<TrueInstant> seen_at(replica::ReplicaId replica,
                                                   const replica::Dot& dot) const;

  const ReplicationRecord* record_;
  std::map<replica::Dot, const AcceptedRecord*> operations_;
  std::set<replica::Dot> replaced_;
  std::map<std::string_view, const AcceptedRecord*> last_;
  /// To the map, by key: those that found nothing.
  std::map<std::string_view, std::vector<const AcceptedRecord*>> first_writes_;
  std::map<std::string_view, std::vector<AckedWrite>> acked_;
  /// By replica and origin, in the order of time.
  std::map<std::pair<replica::ReplicaId, replica::ReplicaId>, std::vector<const ProgressRecord*>>
      progress_;
};

/// Whether the last writer is the first of the two.
[[nodiscard]] bool is_later(const AcceptedRecord& one, const AcceptedRecord& other);

}  // namespace windtunnel::chaos
