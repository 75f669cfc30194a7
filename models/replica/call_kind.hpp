// What a client may ask of a replica.
#pragma once

#include <cstddef>
#include <cstdint>

#include <boost/describe/enum.hpp>

namespace windtunnel::replica {

/// Operations by their names, and reads of the map.
enum class CallKind : std::uint8_t { put, erase, add, remove, read };
BOOST_DESCRIBE_ENUM(CallKind, put, erase, add, remove, read)
inline constexpr std::size_t kCallKinds = 5;

}  // namespace windtunnel::replica
