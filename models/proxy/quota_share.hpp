// One proxy's part of a route's global quota: whether a request may go, and what to ask the control
// plane for. A core; sending is the QuotaKeeper's business.
#pragma once

#include <cstdint>
#include <optional>

#include "models/limit/quota_client.hpp"
#include "models/proxy/quota_settings.hpp"

namespace windtunnel::proxy {

/// The whole rate, as quotas count.
[[nodiscard]] limit::Quota capacity_of(const QuotaSettings& settings);

/// Asks for what came since it last asked, let through or not, and two standard deviations more (of
/// a Poisson process): little is left unused where many share, and a demand that grows is met with
/// the next lease.
class QuotaShare {
 public:
  /// `id` is the proxy's own, and `incarnation` greater at each start of its process.
  QuotaShare(const QuotaSettings& settings, limit::QuotaClientId id, std::uint64_t incarnation,
             Instant now);

  /// A change of settings, but for the burst, keeps the lease; another capacity is felt with the
  /// next.
  void apply(const QuotaSettings& settings) { settings_ = settings; }

  [[nodiscard]] bool admit(Instant now);

  [[nodiscard]] Instant next_deadline() const { return client_.next_deadline(); }
  [[nodiscard]] std::optional<limit::QuotaRequest> poll(Instant now);
  void step(Instant now, const limit::QuotaResponse& response) { client_.step(now, response); }

  [[nodiscard]] bool has_lease(Instant now) const { return client_.has_lease(now); }
  [[nodiscard]] limit::Quota leased(Instant now) const { return client_.leased(now); }

 private:
  [[nodiscard]] limit::Quota wanted(Instant now) const;

  QuotaSettings settings_;
  limit::QuotaClient client_;
  std::uint64_t offered_ = 0;  ///< Requests since it last asked.
  Instant asked_at_;
};

}  // namespace windtunnel::proxy
