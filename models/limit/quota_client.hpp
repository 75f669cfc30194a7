// A client's half of a global quota: it keeps a lease fresh and spends it through a token bucket of
// its own, so a request is decided without asking anybody. When the server is out of reach it uses
// what it holds until the lease ends, then its safe capacity: zero fails closed, anything else
// fails open by that much, and the server has counted it.
#pragma once

#include <cstdint>
#include <optional>

#include "models/limit/quota_messages.hpp"
#include "models/limit/token_bucket.hpp"

namespace windtunnel::limit {

struct QuotaClientOptions {
  QuotaClientId id{};
  /// Greater than before every restart; a process starts only when the one before it has ended.
  std::uint64_t incarnation = 1;
  Quota safe_capacity = 0;   ///< As in the server's options.
  std::uint32_t weight = 1;  ///< Shares of an equal part.
  /// The bucket holds what the quota brings in this time, and at least one request: over any time t
  /// all clients together admit at most capacity × t and their bursts.
  Duration burst = std::chrono::milliseconds{100};
  Duration retry_interval = std::chrono::seconds{1};  ///< Until a request is answered.
};

class QuotaClient {
 public:
  /// Asks at once, on the first poll().
  QuotaClient(const QuotaClientOptions& options, Instant now);

  /// What the next request asks for.
  void set_wants(Quota wants) { wants_ = wants; }
  /// The request to send now, if one is due.
  [[nodiscard]] std::optional<QuotaRequest> poll(Instant now);
  /// When poll() will have one.
  [[nodiscard]] Instant next_deadline() const { return next_request_; }
  void step(Instant now, const QuotaResponse& response);

  /// What it may use now, its safe capacity included.
  [[nodiscard]] Quota quota(Instant now) const { return options_.safe_capacity + leased(now); }
  [[nodiscard]] Quota leased(Instant now) const { return has_lease(now) ? lease_ : 0; }
  /// A lease may be of nothing: then the server was heard, and has nothing to spare.
  [[nodiscard]] bool has_lease(Instant now) const { return now < lease_ends_; }

  /// Whether `n` requests may go now. Where there is no quota, retry_after is when the server will
  /// be asked. O(1), and allocates nothing.
  [[nodiscard]] Decision admit(Instant now, std::uint32_t n = 1);

 private:
  /// Brings the bucket to what may be used by now.
  void follow_quota(Instant now);
  void set_rate(Instant now, Quota quota);

  QuotaClientOptions options_;
  Quota wants_ = 0;
  std::uint64_t epoch_ = 0;
  std::uint64_t adopted_ = 0;
  Quota lease_ = 0;
  Instant lease_ends_ = Instant::min();
  Instant sent_at_ = Instant::min();  ///< The last request.
  Instant next_request_;
  std::optional<TokenBucket> bucket_;  ///< None without a quota.
  Quota bucket_quota_ = 0;             ///< What its rate was made from.
};

}  // namespace windtunnel::limit
