#include "models/proxy/quota_share.hpp"

#include <algorithm>
#include <cmath>

namespace windtunnel::proxy {

namespace {

__extension__ using Wide = unsigned __int128;

/// In thousandths a second.
limit::Quota quota_of(std::uint64_t events, Duration per) {
  constexpr std::uint64_t kThousandthsOfNanoseconds = 1'000'000'000'000;
  return static_cast<limit::Quota>(Wide{events} * kThousandthsOfNanoseconds /
                                   static_cast<std::uint64_t>(per.count()));
}

}  // namespace

limit::Quota capacity_of(const QuotaSettings& settings) {
  return quota_of(settings.events, settings.per);
}

QuotaShare::QuotaShare(const QuotaSettings& settings, limit::QuotaClientId id,
                       std::uint64_t incarnation, Instant now)
    : settings_(settings),
      client_({.id = id, .incarnation = incarnation, .burst = settings.burst}, now),
      asked_at_(now) {}

bool QuotaShare::admit(Instant now) {
  ++offered_;
  if (settings_.when_unreachable == WithoutLease::open && !client_.has_lease(now)) {
    return true;
  }
  return client_.admit(now).admitted;
}

std::optional<limit::QuotaRequest> QuotaShare::poll(Instant now) {
  if (now < client_.next_deadline()) {
    return std::nullopt;
  }
  client_.set_wants(wanted(now));
  offered_ = 0;
  asked_at_ = now;
  return client_.poll(now);
}

limit::Quota QuotaShare::wanted(Instant now) const {
  // Requests that came in a shorter time than this say little about a rate.
  const Duration span = std::max<Duration>(now - asked_at_, std::chrono::milliseconds{100});
  const auto deviations = static_cast<std::uint64_t>(2 * std::sqrt(static_cast<double>(offered_)));
  return std::min(capacity_of(settings_), quota_of(offered_ + deviations + 1, span));
}

}  // namespace windtunnel::proxy
