// Token buckets in a tree (tenant, service, method), where a request must pass its own bucket and
// every one above it, in one decision: it takes from all of them or from none, so what one level
// refuses is never lost at another.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/limit/token_bucket.hpp"
#include "runtime/id.hpp"

namespace windtunnel::limit {

using LevelId = Id<struct LevelTag>;

struct HierarchicalDecision {
  Decision decision{};
  /// Of a refused request: the level that keeps it waiting longest, the nearest one to the request
  /// where two do.
  std::optional<LevelId> refused_by;
};

class HierarchicalLimiter {
 public:
  /// A bucket under `parent`, or at the top without one. Ids are dense from zero.
  LevelId add(std::optional<LevelId> parent, Rate rate, std::uint32_t burst, Instant now);

  /// Takes `n` from `level` and from all above it, or nothing. retry_after is exact. Costs two
  /// walks to the top, and allocates nothing.
  [[nodiscard]] HierarchicalDecision admit(Instant now, LevelId level, std::uint32_t n = 1);

  /// As TokenBucket::reconfigure().
  void reconfigure(Instant now, LevelId level, Rate rate, std::uint32_t burst);

  [[nodiscard]] const TokenBucket& bucket(LevelId level) const;

 private:
  struct Level {
    std::optional<LevelId> parent;
    TokenBucket bucket;
  };
  std::vector<Level> levels_;
};

}  // namespace windtunnel::limit
