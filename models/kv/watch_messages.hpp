// What a watcher and a node say to each other. A watch is a stream of batches that follow on one
// another: each names the revision it follows and the one it reaches, so that a lost batch shows.
// The node sends a few batches ahead of the acknowledgements and no more.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include "models/kv/messages.hpp"
#include "models/kv/watch_hub.hpp"

namespace windtunnel::kv {

struct WatchCreateRequest {
  static constexpr std::string_view kWireName = "kv.watch_create_request";
  std::uint64_t watch = 0;  ///< The client's number for it, new for each attempt.
  WatchRange range;
  std::uint64_t after = 0;  ///< Everything later than this.
};
BOOST_DESCRIBE_STRUCT(WatchCreateRequest, (), (watch, range, after))

/// Any node serves a watch; `ok` or `compacted`.
struct WatchCreateResponse {
  static constexpr std::string_view kWireName = "kv.watch_create_response";
  Status status = Status::ok;
  std::uint64_t revision = 0;   ///< That the node has applied.
  std::uint64_t compacted = 0;  ///< What is held begins after this.
};
BOOST_DESCRIBE_STRUCT(WatchCreateResponse, (), (status, revision, compacted))

struct WatchEvent {
  EventKind kind = EventKind::put;
  std::string key;
  SharedBytes value;  ///< Empty for a deletion.
  std::uint64_t revision = 0;
  std::uint64_t created = 0;  ///< 0 for a deletion.
};
BOOST_DESCRIBE_STRUCT(WatchEvent, (), (kind, key, value, revision, created))

/// All that happened in (after, through]. Without events: nothing did.
struct WatchBatch {
  static constexpr std::string_view kWireName = "kv.watch_batch";
  std::uint64_t watch = 0;
  std::uint64_t after = 0;
  std::uint64_t through = 0;
  std::vector<WatchEvent> events;
};
BOOST_DESCRIBE_STRUCT(WatchBatch, (), (watch, after, through, events))

/// Each batch is acknowledged when it has been handled.
struct WatchAcknowledge {
  static constexpr std::string_view kWireName = "kv.watch_acknowledge";
  std::uint64_t watch = 0;
  std::uint64_t through = 0;
};
BOOST_DESCRIBE_STRUCT(WatchAcknowledge, (), (watch, through))

struct WatchCancel {
  static constexpr std::string_view kWireName = "kv.watch_cancel";
  std::uint64_t watch = 0;
};
BOOST_DESCRIBE_STRUCT(WatchCancel, (), (watch))

/// The node gave the watch up: list anew.
struct WatchEnded {
  static constexpr std::string_view kWireName = "kv.watch_ended";
  std::uint64_t watch = 0;
  WatchEnd reason = WatchEnd::compacted;
  std::uint64_t compacted = 0;
};
BOOST_DESCRIBE_STRUCT(WatchEnded, (), (watch, reason, compacted))

}  // namespace windtunnel::kv
