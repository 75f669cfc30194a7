// What one command changed about one key: the value it has now and the one it had before.
#pragma once

#include <cstdint>
#include <string_view>

#include <boost/describe/enum.hpp>

#include "models/kv/lease_id.hpp"
#include "runtime/bytes.hpp"

namespace windtunnel::kv {

/// One value of one key. Key and value are views into the command that wrote them.
struct Version {
  std::string_view key;
  std::string_view value;
  SharedBytes command;
  std::uint64_t revision = 0;  ///< When it was written: the command's place in the log.
  std::uint64_t created = 0;   ///< When the key came to be; a deletion ends a life.
  LeaseId lease{};

  [[nodiscard]] SharedBytes shared_value() const { return command.slice(value); }
};

enum class EventKind : std::uint8_t { put, deletion };
BOOST_DESCRIBE_ENUM(EventKind, put, deletion)

struct Event {
  EventKind kind = EventKind::put;
  std::uint64_t revision = 0;
  Version now;     ///< Empty after a deletion.
  Version before;  ///< Revision 0 where the key did not exist.

  [[nodiscard]] std::string_view key() const {
    return kind == EventKind::put ? now.key : before.key;
  }
};

}  // namespace windtunnel::kv
