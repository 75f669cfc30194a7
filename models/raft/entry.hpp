// One entry of the replicated log.
#pragma once

#include <cstdint>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "models/raft/position.hpp"
#include "runtime/bytes.hpp"

namespace windtunnel::raft {

enum class EntryKind : std::uint8_t {
  command,  ///< Bytes for the application's state machine.
  barrier,  ///< Empty; a new leader appends it so that it can commit in its own term.
};
BOOST_DESCRIBE_ENUM(EntryKind, command, barrier)

/// Immutable once appended; copying shares the payload.
struct Entry {
  Term term{};
  Index index{};
  EntryKind kind = EntryKind::command;
  SharedBytes data{};

  [[nodiscard]] EntryId id() const { return {term, index}; }

  friend bool operator==(const Entry&, const Entry&) = default;
};
BOOST_DESCRIBE_STRUCT(Entry, (), (term, index, kind, data))

}  // namespace windtunnel::raft
