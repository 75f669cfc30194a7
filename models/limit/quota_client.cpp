#include "models/limit/quota_client.hpp"

#include <algorithm>

namespace windtunnel::limit {

namespace {

constexpr Quota kOneRequest = 1'000;

/// Never above the quota. From a thousand a second on, thousandths are rounded away: the exact
/// arithmetic of a Rate would not hold larger ones.
Rate rate_of(Quota quota) {
  if (quota >= 1'000 * kOneRequest) {
    return Rate::per_second(static_cast<std::int64_t>(quota / kOneRequest));
  }
  return Rate{static_cast<std::int64_t>(quota), std::chrono::seconds{kOneRequest}};
}

std::uint32_t burst_of(Rate rate, Duration span) {
  const double tokens = static_cast<double>(span.count()) * static_cast<double>(rate.count()) /
                        static_cast<double>(rate.per());
  return static_cast<std::uint32_t>(std::clamp(tokens, 1.0, 1e9));
}

}  // namespace

QuotaClient::QuotaClient(const QuotaClientOptions& options, Instant now)
    : options_(options), next_request_(now) {
  check(options.retry_interval > Duration::zero(), "requests are not sent without end");
  set_rate(now, options.safe_capacity);
}

std::optional<QuotaRequest> QuotaClient::poll(Instant now) {
  if (now < next_request_) {
    return std::nullopt;
  }
  sent_at_ = now;
  next_request_ = now + options_.retry_interval;
  return QuotaRequest{.client = options_.id,
                      .incarnation = options_.incarnation,
                      .epoch = epoch_,
                      .adopted = adopted_,
                      .holds = leased(now),
                      .wants = wants_,
                      .weight = options_.weight,
                      .sent_at = now};
}

void QuotaClient::step(Instant now, const QuotaResponse& response) {
  const bool is_mine =
      response.client == options_.id && response.incarnation == options_.incarnation;
  if (!is_mine || response.epoch < epoch_ || response.request_sent_at > sent_at_) {
    return;
  }
  if (response.epoch > epoch_) {
    epoch_ = response.epoch;
    adopted_ = 0;
    // Heard of a new server: tell it at once what is held, so that it can renew it.
    next_request_ = response.lease == 0 ? now : next_request_;
  }
  const Instant ends = response.request_sent_at + response.length;
  if (response.lease <= adopted_ || ends <= now) {
    return;
  }
  follow_quota(now);
  adopted_ = response.lease;
  lease_ = response.quota;
  lease_ends_ = ends;
  follow_quota(now);
  next_request_ = std::max(response.request_sent_at + response.refresh_after, now);
}

void QuotaClient::follow_quota(Instant now) {
  if (now >= lease_ends_ && bucket_quota_ != options_.safe_capacity) {
    // The rate fell when the lease ended, not when somebody first asked after that.
    set_rate(lease_ends_, options_.safe_capacity);
  }
  if (quota(now) != bucket_quota_) {
    set_rate(now, quota(now));
  }
}

Decision QuotaClient::admit(Instant now, std::uint32_t n) {
  follow_quota(now);
  if (!bucket_) {
    return Decision::refuse(std::max(next_request_ - now, Duration::zero()));
  }
  return bucket_->admit(now, n);
}

void QuotaClient::set_rate(Instant now, Quota quota) {
  bucket_quota_ = quota;
  if (quota == 0) {
    bucket_.reset();
    return;
  }
  const Rate rate = rate_of(quota);
  const std::uint32_t burst = burst_of(rate, options_.burst);
  if (bucket_) {
    bucket_->reconfigure(now, rate, burst);
    return;
  }
  // Empty: a quota that comes and goes must not bring a full bucket each time.
  bucket_.emplace(rate, burst, now);
  check(bucket_->admit(now, burst).admitted, "a new bucket is full");
}

}  // namespace windtunnel::limit
