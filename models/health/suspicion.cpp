#include "models/health/suspicion.hpp"

#include <algorithm>

#include "runtime/portable_math.hpp"

namespace windtunnel::health {

Duration suspicion_time(std::uint32_t confirmations, std::uint32_t expected, Duration shortest,
                        Duration longest) {
  if (expected == 0) {
    return shortest;
  }
  const double share = portable_log(confirmations + 1.0) / portable_log(expected + 1.0);
  const auto range = static_cast<double>((longest - shortest).count());
  const double raw = static_cast<double>(longest.count()) - share * range;
  constexpr double kMillisecond = 1e6;
  const auto whole = static_cast<std::int64_t>(std::max(raw, 0.0) / kMillisecond);
  return std::max<Duration>(std::chrono::milliseconds{whole}, shortest);
}

Suspicion::Suspicion(Instant start, HostId from, std::uint32_t expected, Duration shortest,
                     Duration longest)
    : start_(start), expected_(expected), shortest_(shortest), longest_(longest), accusers_{from} {}

bool Suspicion::confirm(HostId from) {
  const bool is_known = std::find(accusers_.begin(), accusers_.end(), from) != accusers_.end();
  if (is_known || confirmations() >= expected_) {
    return false;
  }
  accusers_.push_back(from);
  return true;
}

Instant Suspicion::deadline() const {
  return start_ + suspicion_time(confirmations(), expected_, shortest_, longest_);
}

}  // namespace windtunnel::health
