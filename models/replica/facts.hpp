// What replicas state about themselves.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include "models/replica/operation.hpp"

namespace windtunnel::replica {

/// An operation is durable here, where it was accepted. Stated once more after a restart.
struct OperationAccepted {
  static constexpr std::string_view kWireName = "replica.operation_accepted";
  Dot dot{};
  OperationKind kind = OperationKind::put;
  std::string key{};
  HybridTime time{};
  std::vector<Dot> replaced{};
  /// A write that lost, as it was accepted, to one that this replica had seen.
  bool is_lost = false;
};
BOOST_DESCRIBE_STRUCT(OperationAccepted, (), (dot, kind, key, time, replaced, is_lost))

/// All operations of `origin` up to `number` have been seen here, durably.
struct OperationsSeen {
  static constexpr std::string_view kWireName = "replica.operations_seen";
  ReplicaId origin{};
  std::uint64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(OperationsSeen, (), (origin, number))

/// What a peer sent was stamped too far ahead of the wall clock here.
struct OperationRefused {
  static constexpr std::string_view kWireName = "replica.operation_refused";
  Dot dot{};
  Duration ahead{};
};
BOOST_DESCRIBE_STRUCT(OperationRefused, (), (dot, ahead))

/// So many operations are no longer kept for peers that have not seen them: repairs will bring
/// them.
struct HintsDropped {
  static constexpr std::string_view kWireName = "replica.hints_dropped";
  std::uint64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(HintsDropped, (), (count))

/// A repair that this replica began is over.
struct RepairEnded {
  static constexpr std::string_view kWireName = "replica.repair_ended";
  ReplicaId partner{};
  bool is_complete = false;
  std::uint32_t steps = 0;
  std::uint64_t items = 0;  ///< Whose content was received.
};
BOOST_DESCRIBE_STRUCT(RepairEnded, (), (partner, is_complete, steps, items))

struct DeletionsForgotten {
  static constexpr std::string_view kWireName = "replica.deletions_forgotten";
  std::uint64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(DeletionsForgotten, (), (count))

/// The disk failed: nothing leaves this replica any more.
struct StorageFailed {
  static constexpr std::string_view kWireName = "replica.storage_failed";
};
BOOST_DESCRIBE_STRUCT(StorageFailed, (), ())

}  // namespace windtunnel::replica
