// Settings of a limit in levels at a caller's proxy: a bucket for the route, one for each business
// priority, one for each of its users, and every request takes from its own bucket of each level or
// from none. Values only.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "runtime/instant.hpp"

namespace windtunnel::proxy {

/// Which requests share a bucket of a level: all of the route, those of one business priority, or
/// those of one key, the user. The caller and the callee are the route's own.
enum class LimitBy : std::uint8_t { route, priority, key };
BOOST_DESCRIBE_ENUM(LimitBy, route, priority, key)

struct LimitLevel {
  LimitBy by = LimitBy::route;
  std::uint64_t events = 0;  ///< So many ...
  Duration per{};            ///< ... in this long, for each bucket.
  std::uint32_t burst = 1;
  /// Of a level by key: keys are spread over so many buckets by their hash, so that no number of
  /// users can exhaust memory. Two users may share one, and then its limit.
  std::uint32_t buckets = 1024;

  friend bool operator==(const LimitLevel&, const LimitLevel&) = default;
};
BOOST_DESCRIBE_STRUCT(LimitLevel, (), (by, events, per, burst, buckets))

struct HierarchicalLimitSettings {
  /// From the top down; a bucket stands within one of the level above it.
  std::vector<LimitLevel> levels;

  friend bool operator==(const HierarchicalLimitSettings&,
                         const HierarchicalLimitSettings&) = default;
};
BOOST_DESCRIBE_STRUCT(HierarchicalLimitSettings, (), (levels))

/// What no limit can be made of; empty where one can.
[[nodiscard]] std::string_view flaw_of(const HierarchicalLimitSettings& settings);

}  // namespace windtunnel::proxy
