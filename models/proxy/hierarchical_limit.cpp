#include "models/proxy/hierarchical_limit.hpp"

#include <algorithm>
#include <utility>

#include <xxhash.h>

#include "models/proxy/rate_limit_settings.hpp"
#include "runtime/check.hpp"

namespace windtunnel::proxy {

namespace {

constexpr std::uint32_t kBucketsMax = 1'000'000;

limit::Rate rate_of(const LimitLevel& level) {
  return limit::Rate{static_cast<std::int64_t>(level.events), level.per};
}

/// Which bucket of a level is a request's.
std::uint64_t value_for(const LimitLevel& level, std::string_view key, std::uint8_t business) {
  switch (level.by) {
    case LimitBy::route:
      return 0;
    case LimitBy::priority:
      return business;
    case LimitBy::key:
      return XXH64(key.data(), key.size(), 0) % level.buckets;
  }
  return 0;
}

/// Whether the same requests share a bucket under both.
bool divide_alike(const HierarchicalLimitSettings& one, const HierarchicalLimitSettings& other) {
  return std::equal(one.levels.begin(), one.levels.end(), other.levels.begin(), other.levels.end(),
                    [](const LimitLevel& a, const LimitLevel& b) {
                      return a.by == b.by && (a.by != LimitBy::key || a.buckets == b.buckets);
                    });
}

}  // namespace

std::string_view flaw_of(const HierarchicalLimitSettings& settings) {
  if (settings.levels.empty()) {
    return "a limit in levels has a level";
  }
  for (std::size_t i = 0; i < settings.levels.size(); ++i) {
    const LimitLevel& level = settings.levels[i];
    const RateLimitSettings alone{level.events, level.per, level.burst, {}};
    if (const std::string_view flaw = flaw_of(alone); !flaw.empty()) {
      return flaw;
    }
    if (level.buckets == 0 || level.buckets > kBucketsMax) {
      return "a level by key has a bucket, and a million at most";
    }
    for (std::size_t above = 0; above < i; ++above) {
      if (settings.levels[above].by == level.by) {
        return "each level divides requests by something else";
      }
    }
  }
  return {};
}

HierarchicalLimit::HierarchicalLimit(HierarchicalLimitSettings settings)
    : settings_(std::move(settings)) {}

bool HierarchicalLimit::admit(Instant now, std::string_view key, std::uint8_t business) {
  std::optional<limit::LevelId> at;
  for (std::size_t depth = 0; depth < settings_.levels.size(); ++depth) {
    const std::uint64_t value = value_for(settings_.levels[depth], key, business);
    at = bucket_at(now, {at, value}, depth);
  }
  check(at.has_value(), "a limit in levels has a level");
  return limiter_.admit(now, *at).decision.admitted;
}

limit::LevelId HierarchicalLimit::bucket_at(Instant now, const Place& place, std::size_t depth) {
  if (const auto known = buckets_.find(place); known != buckets_.end()) {
    return known->second;
  }
  const LimitLevel& level = settings_.levels[depth];
  const limit::LevelId added = limiter_.add(place.parent, rate_of(level), level.burst, now);
  buckets_.emplace(place, added);
  depths_.push_back(depth);
  return added;
}

void HierarchicalLimit::apply(Instant now, HierarchicalLimitSettings settings) {
  if (!divide_alike(settings_, settings)) {
    *this = HierarchicalLimit{std::move(settings)};
    return;
  }
  settings_ = std::move(settings);
  for (std::uint32_t id = 0; id < depths_.size(); ++id) {
    const LimitLevel& level = settings_.levels[depths_[id]];
    limiter_.reconfigure(now, limit::LevelId{id}, rate_of(level), level.burst);
  }
}

}  // namespace windtunnel::proxy
