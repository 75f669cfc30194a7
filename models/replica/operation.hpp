// What replicas do to the data and tell each other: one operation, with what it took the place of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "models/replica/dot.hpp"
#include "models/replica/hybrid_clock.hpp"

namespace windtunnel::replica {

/// The first two are of the map, the others of the set.
enum class OperationKind : std::uint8_t { put, erase, add, remove };
BOOST_DESCRIBE_ENUM(OperationKind, put, erase, add, remove)

[[nodiscard]] constexpr bool is_of_map(OperationKind kind) {
  return kind == OperationKind::put || kind == OperationKind::erase;
}

struct Operation {
  Dot dot{};
  OperationKind kind = OperationKind::put;
  std::string key{};  ///< Of the map, or the set's element.
  std::optional<std::string> value{};
  HybridTime time{};
  /// What the replica that accepted it had there before: a write, or additions. None where the
  /// write lost to what was there at once.
  std::vector<Dot> replaced{};
  friend bool operator==(const Operation&, const Operation&) = default;
};
BOOST_DESCRIBE_STRUCT(Operation, (), (dot, kind, key, value, time, replaced))

}  // namespace windtunnel::replica
