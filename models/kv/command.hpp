// What the replicated log says to the store: the closed set of commands, as views into the entry's
// payload, and their encoding. A plain put costs one byte more than its key, value and lease.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "models/kv/lease_id.hpp"
#include "runtime/byte_buffer.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::kv {

/// Writes a value whatever stood there. With a lease, the key goes when the lease does; the lease
/// must exist.
struct Put {
  std::string_view key;
  std::string_view value;
  LeaseId lease{};
};
BOOST_DESCRIBE_STRUCT(Put, (), (key, value, lease))

/// Deleting what is not there changes nothing.
struct Delete {
  std::string_view key;
};
BOOST_DESCRIBE_STRUCT(Delete, (), (key))

/// Writes `value`, or deletes where it is absent, if the key was last written at `expected`; 0
/// means that the key must not exist.
struct CompareAndSet {
  std::string_view key;
  std::uint64_t expected = 0;
  std::optional<std::string_view> value;
  LeaseId lease{};
};
BOOST_DESCRIBE_STRUCT(CompareAndSet, (), (key, expected, value, lease))

/// The lease is named by the revision of this command. The time must be positive.
struct GrantLease {
  Duration ttl{};
};
BOOST_DESCRIBE_STRUCT(GrantLease, (), (ttl))

enum class RevokeReason : std::uint8_t { asked, expired };
BOOST_DESCRIBE_ENUM(RevokeReason, asked, expired)

/// Ends a lease and deletes its keys, in their order.
struct RevokeLease {
  LeaseId id{};
  RevokeReason reason = RevokeReason::asked;
};
BOOST_DESCRIBE_STRUCT(RevokeLease, (), (id, reason))

/// A log entry's payload. The order is the encoding's: append only.
using Command = std::variant<Put, Delete, CompareAndSet, GrantLease, RevokeLease>;

void encode_command(ByteWriter& out, const Command& command);

/// Views into `bytes`; nothing where they are malformed or longer than the command.
[[nodiscard]] std::optional<Command> decoded_command(std::string_view bytes);

}  // namespace windtunnel::kv
