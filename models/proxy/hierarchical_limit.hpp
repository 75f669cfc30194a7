// The limit in levels at a proxy: finds the bucket of a request, made when one first asks for it,
// and has models/limit's HierarchicalLimiter decide. A core.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "models/limit/hierarchical_limiter.hpp"
#include "models/proxy/hierarchical_limit_settings.hpp"

namespace windtunnel::proxy {

class HierarchicalLimit {
 public:
  /// Precondition: the settings have no flaw.
  explicit HierarchicalLimit(HierarchicalLimitSettings settings);

  /// Takes from the request's bucket of every level, or from none. O(levels · log buckets);
  /// allocates for a bucket that nobody has asked for before.
  [[nodiscard]] bool admit(Instant now, std::string_view key, std::uint8_t business);

  /// Other settings from now on. Where levels divide requests as before, buckets keep what is used
  /// up of them; else all are full.
  void apply(Instant now, HierarchicalLimitSettings settings);

  [[nodiscard]] std::size_t bucket_count() const { return depths_.size(); }

 private:
  /// Under which bucket of the level above, and which one there.
  struct Place {
    std::optional<limit::LevelId> parent;
    std::uint64_t value = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  [[nodiscard]] limit::LevelId bucket_at(Instant now, const Place& place, std::size_t depth);

  HierarchicalLimitSettings settings_;
  limit::HierarchicalLimiter limiter_;
  std::map<Place, limit::LevelId> buckets_;
  std::vector<std::size_t> depths_;  ///< Of each bucket, by its id.
};

}  // namespace windtunnel::proxy
