#include "models/balance/prequal_server.hpp"

#include <algorithm>

namespace windtunnel::balance {

void PrequalServer::end(std::uint32_t in_flight_at_arrival, Duration latency) {
  check(in_flight_ > 0, "a request ends once");
  --in_flight_;
  Level& level = levels_[level_of(in_flight_at_arrival)];
  level.recent[level.count++ % kRecent] = latency;
}

Duration PrequalServer::latency() const {
  const std::uint32_t wanted = level_of(in_flight_ + 1);
  for (std::uint32_t distance = 0; distance < kLevels; ++distance) {
    if (distance <= wanted && levels_[wanted - distance].count > 0) {
      return levels_[wanted - distance].median();
    }
    if (wanted + distance < kLevels && levels_[wanted + distance].count > 0) {
      return levels_[wanted + distance].median();
    }
  }
  return Duration::zero();
}

Duration PrequalServer::Level::median() const {
  std::array<Duration, kRecent> sorted = recent;
  const auto known = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(count, kRecent));
  std::nth_element(sorted.begin(), sorted.begin() + known / 2, sorted.begin() + known);
  return sorted[static_cast<std::size_t>(known / 2)];
}

}  // namespace windtunnel::balance
