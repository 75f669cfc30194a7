// What clients ask of a replica, and what replicas say to each other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include "models/replica/repair.hpp"

namespace windtunnel::replica {

struct WriteRequest {
  static constexpr std::string_view kWireName = "replica.write_request";
  OperationKind kind = OperationKind::put;
  std::string key{};
  std::optional<std::string> value{};
};
BOOST_DESCRIBE_STRUCT(WriteRequest, (), (kind, key, value))

/// The operation is durable on the replica that answers, and nowhere else yet.
struct WriteResponse {
  static constexpr std::string_view kWireName = "replica.write_response";
  Dot dot{};
};
BOOST_DESCRIBE_STRUCT(WriteResponse, (), (dot))

/// Of a key of the map.
struct ReadRequest {
  static constexpr std::string_view kWireName = "replica.read_request";
  std::string key{};
};
BOOST_DESCRIBE_STRUCT(ReadRequest, (), (key))

struct ReadResponse {
  static constexpr std::string_view kWireName = "replica.read_response";
  std::optional<Register> found{};  ///< A tombstone included.
};
BOOST_DESCRIBE_STRUCT(ReadResponse, (), (found))

/// What a replica has seen, durably, and a stamp that its later operations are above.
struct Standing {
  CausalContext seen{};
  HybridTime clock{WallInstant::min(), 0};
};
BOOST_DESCRIBE_STRUCT(Standing, (), (seen, clock))

/// Operations that the sender accepted, in their order; none where it only tells how it stands.
struct Push {
  static constexpr std::string_view kWireName = "replica.push";
  Standing standing{};
  std::vector<Operation> operations{};
};
BOOST_DESCRIBE_STRUCT(Push, (), (standing, operations))

struct PushAnswer {
  static constexpr std::string_view kWireName = "replica.push_answer";
  Standing standing{};
};
BOOST_DESCRIBE_STRUCT(PushAnswer, (), (standing))

struct RepairHello {
  static constexpr std::string_view kWireName = "replica.repair_hello";
  CausalContext seen{};
};
BOOST_DESCRIBE_STRUCT(RepairHello, (), (seen))

/// No session: the partner is at another repair.
struct RepairOpened {
  static constexpr std::string_view kWireName = "replica.repair_opened";
  std::optional<std::uint64_t> session{};
  RepairStep step{};
};
BOOST_DESCRIBE_STRUCT(RepairOpened, (), (session, step))

/// An empty step closes the repair: it is complete.
struct RepairRequest {
  static constexpr std::string_view kWireName = "replica.repair_request";
  std::uint64_t session = 0;
  RepairStep step{};
};
BOOST_DESCRIBE_STRUCT(RepairRequest, (), (session, step))

struct RepairResponse {
  static constexpr std::string_view kWireName = "replica.repair_response";
  bool is_open = false;  ///< Whether the partner still knew of this repair.
  RepairStep step{};
};
BOOST_DESCRIBE_STRUCT(RepairResponse, (), (is_open, step))

}  // namespace windtunnel::replica
