// What clients and nodes of the replicated store say to each other.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "runtime/bytes.hpp"
#include "runtime/id.hpp"

namespace windtunnel::kv {

/// `leadership_lost`: the request was taken and may still take effect. All other refusals are
/// definite: it will not.
enum class Status : std::uint8_t { ok, not_leader, overloaded, leadership_lost };
BOOST_DESCRIBE_ENUM(Status, ok, not_leader, overloaded, leadership_lost)

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

/// The keys in [from, …) in order, at most `limit` of them. Linearizable.
struct ScanRequest {
  static constexpr std::string_view kWireName = "kv.scan_request";
  std::string from;
  std::uint32_t limit = 1000;
  bool keys_only = false;  ///< The values stay empty.
};
BOOST_DESCRIBE_STRUCT(ScanRequest, (), (from, limit, keys_only))

struct KeyAndValue {
  std::string key;
  SharedBytes value;
  std::uint64_t revision = 0;
};
BOOST_DESCRIBE_STRUCT(KeyAndValue, (), (key, value, revision))

struct ScanResponse {
  static constexpr std::string_view kWireName = "kv.scan_response";
  Status status = Status::not_leader;
  std::optional<HostId> leader;
  std::vector<KeyAndValue> found;
  bool has_more = false;
};
BOOST_DESCRIBE_STRUCT(ScanResponse, (), (status, leader, found, has_more))

/// A log entry's payload, as a view into it.
struct Command {
  std::string_view key;
  std::string_view value;
};
BOOST_DESCRIBE_STRUCT(Command, (), (key, value))

}  // namespace windtunnel::kv
