#include "models/service/dagor_admission.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::service {

namespace {

// Counts that are remembered have fractions, and lose a 64th in each window that does not renew
// them.
constexpr std::uint64_t kKnownUnit = 256;
constexpr std::uint64_t kForgetting = 64;

/// Every bit of the result depends on every bit of `x`: the finaliser of SplitMix64 (Steele, Lea,
/// Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
constexpr std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31U);
}

}  // namespace

std::uint8_t dagor_user_level(std::uint64_t user, Duration since_epoch) {
  const auto hour = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::hours>(since_epoch).count());
  return static_cast<std::uint8_t>(mixed(mixed(hour) ^ user) % DagorAdmission::kUserLevels);
}

DagorAdmission::DagorAdmission(Instant now, DagorOptions options)
    : options_(options),
      seen_(std::size_t{options.business_levels} * kUserLevels),
      known_(seen_.size()),
      level_(highest()),
      window_end_(now + options.window) {
  check(options.business_levels > 0, "admission needs a business level");
  check(options.decrease_percent < 100, "admission lowers its level, it does not close");
}

bool DagorAdmission::admit(Instant now, DagorLevel priority) {
  // Priorities come from the network: what is beyond the levels counts as the last.
  priority = std::min(priority, highest());
  priority.user = std::min(priority.user, highest().user);
  end_window_if_due(now);
  ++arrived_;
  ++seen_[index_of(priority)];
  if (priority > level_) {
    return false;
  }
  ++admitted_;
  return true;
}

void DagorAdmission::observe(Instant now, Duration queued) {
  end_window_if_due(now);
  ++observed_;
  queued_ += queued;
}

bool DagorAdmission::is_overloaded() const {
  return observed_ > 0 && queued_ / static_cast<std::int64_t>(observed_) > options_.queuing_max;
}

void DagorAdmission::end_window_if_due(Instant now) {
  if (now < window_end_ && arrived_ < options_.window_requests) {
    return;
  }
  learn();
  level_ = is_overloaded() ? level_for(admitted_ * (100 - options_.decrease_percent) / 100)
                           : std::max(level_for(admitted_ + share(arrived_)), next_known_level());
  std::fill(seen_.begin(), seen_.end(), 0U);
  arrived_ = admitted_ = observed_ = 0;
  queued_ = {};
  window_end_ = now + options_.window;
}

std::uint64_t DagorAdmission::share(std::uint64_t arrived) const {
  return arrived * options_.increase_percent / 100;
}

DagorLevel DagorAdmission::level_at(std::uint32_t index) {
  return {static_cast<std::uint8_t>(index / kUserLevels),
          static_cast<std::uint8_t>(index % kUserLevels)};
}

void DagorAdmission::learn() {
  for (std::uint32_t i = 0; i < seen_.size(); ++i) {
    const bool may_be_held_back = i > index_of(level_) && seen_[i] == 0;
    known_[i] = may_be_held_back ? known_[i] - known_[i] / kForgetting : seen_[i] * kKnownUnit;
  }
}

DagorLevel DagorAdmission::next_known_level() const {
  for (std::uint32_t i = index_of(level_) + 1; i < known_.size(); ++i) {
    if (known_[i] > 0) {
      return level_at(i);
    }
  }
  return highest();
}

DagorLevel DagorAdmission::level_for(std::uint64_t expected) const {
  // The most urgent level stays open: a closed server would never learn that it is idle.
  std::uint64_t covered = known_[0];
  std::uint32_t last = 0;
  while (last + 1 < known_.size() && covered + known_[last + 1] <= expected * kKnownUnit) {
    covered += known_[++last];
  }
  return level_at(last);
}

}  // namespace windtunnel::service
