// What clients and nodes of the replicated store say to each other.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "models/kv/lease_id.hpp"
#include "runtime/bytes.hpp"
#include "runtime/id.hpp"

namespace windtunnel::kv {

/// `leadership_lost`: the request was taken and may still take effect. All other refusals are
/// definite: it will not. `compacted`: the past that was asked for is no longer held.
enum class Status : std::uint8_t { ok, not_leader, overloaded, leadership_lost, compacted };
BOOST_DESCRIBE_ENUM(Status, ok, not_leader, overloaded, leadership_lost, compacted)

struct WriteRequest {
  static constexpr std::string_view kWireName = "kv.write_request";
  std::string key;
  SharedBytes value;
};
BOOST_DESCRIBE_STRUCT(WriteRequest, (), (key, value))

struct WriteResponse {
  static constexpr std::string_view kWireName = "kv.write_response";
  Status status = Status::not_leader;
  std::optional<HostId> leader;  ///< Whom to ask instead, if known.
  std::uint64_t revision = 0;    ///< Of this write: its place in the replicated log.
};
BOOST_DESCRIBE_STRUCT(WriteResponse, (), (status, leader, revision))

/// What became of a command that was applied. Only `done` changed anything.
enum class ChangeOutcome : std::uint8_t { done, conflict, not_found, lease_not_found };
BOOST_DESCRIBE_ENUM(ChangeOutcome, done, conflict, not_found, lease_not_found)

/// A write with conditions: puts `value`, or deletes where it is absent. `expected`, where present,
/// is the revision at which the key must have been written last; 0: it must not exist.
struct ChangeRequest {
  static constexpr std::string_view kWireName = "kv.change_request";
  std::string key;
  std::optional<SharedBytes> value;
  std::optional<std::uint64_t> expected;
  LeaseId lease{};
};
BOOST_DESCRIBE_STRUCT(ChangeRequest, (), (key, value, expected, lease))

struct ChangeResponse {
  static constexpr std::string_view kWireName = "kv.change_response";
  Status status = Status::not_leader;
  std::optional<HostId> leader;
  ChangeOutcome outcome = ChangeOutcome::done;
  std::uint64_t revision = 0;      ///< Of the command.
  std::uint64_t key_revision = 0;  ///< Of the key afterwards; 0 where it does not exist.
};
BOOST_DESCRIBE_STRUCT(ChangeResponse, (), (status, leader, outcome, revision, key_revision))

/// Linearizable.
struct ReadRequest {
  static constexpr std::string_view kWireName = "kv.read_request";
  std::string key;
};
BOOST_DESCRIBE_STRUCT(ReadRequest, (), (key))

struct ReadResponse {
  static constexpr std::string_view kWireName = "kv.read_response";
  Status status = Status::not_leader;
  std::optional<HostId> leader;
  bool exists = false;
  SharedBytes value;
  std::uint64_t revision = 0;
};
BOOST_DESCRIBE_STRUCT(ReadResponse, (), (status, leader, exists, value, revision))

/// The keys in [from, …) that begin with `prefix`, in order, at most `limit` of them. Linearizable,
/// but for a read of the past.
struct ScanRequest {
  static constexpr std::string_view kWireName = "kv.scan_request";
  std::string from;
  std::uint32_t limit = 1000;
  bool keys_only = false;  ///< The values stay empty.
  std::string prefix{};
  std::uint64_t revision = 0;  ///< As of then; 0: now.
};
BOOST_DESCRIBE_STRUCT(ScanRequest, (), (from, limit, keys_only, prefix, revision))

struct KeyAndValue {
  std::string key;
  SharedBytes value;
  std::uint64_t revision = 0;
  std::uint64_t created = 0;
  LeaseId lease{};
};
BOOST_DESCRIBE_STRUCT(KeyAndValue, (), (key, value, revision, created, lease))

struct ScanResponse {
  static constexpr std::string_view kWireName = "kv.scan_response";
  Status status = Status::not_leader;
  std::optional<HostId> leader;
  std::vector<KeyAndValue> found;
  bool has_more = false;
  std::uint64_t revision = 0;  ///< As of which this is true; where compacted, what is held from.
};
BOOST_DESCRIBE_STRUCT(ScanResponse, (), (status, leader, found, has_more, revision))

}  // namespace windtunnel::kv
