// One key of nginx's `limit_req`, by the rules of nginx 1.22.1 (src/http/modules/
// ngx_http_limit_req_module.c): the excess over the rate in thousandths of a request, on a clock of
// milliseconds (there ngx_current_msec, the kernel's coarse monotonic clock), drained before each
// request is added. Put it in a KeyedLimiter for a zone; several
// limits on one request are not modelled.
#pragma once

#include <cstdint>

#include "models/limit/decision.hpp"

namespace windtunnel::limit {

struct NginxLimitReqOptions {
  /// In thousandths of a request a second, as nginx holds it: rate=10r/s is 10'000, and rate=30r/m
  /// is 500.
  std::int64_t rate_thousandths = 1'000;
  std::uint32_t burst = 0;
  /// `delay=N`: so much excess passes at once. `nodelay` is kNoDelay.
  std::uint32_t delay = 0;

  static constexpr std::uint32_t kNoDelay = UINT32_MAX;
};

class NginxLimitReq {
 public:
  explicit NginxLimitReq(const NginxLimitReqOptions& options);

  /// One request. An admitted one waits whole milliseconds, as nginx delays it; a refused one
  /// changes nothing, and nginx answers it with 503. retry_after, which nginx does not tell, is
  /// exact to its millisecond.
  [[nodiscard]] Decision admit(Instant now);

  /// As good as new, but for the first request's privilege to add no excess.
  [[nodiscard]] bool is_fresh(Instant now) const;
  /// That the last request met or would have made, in thousandths of a request: what nginx logs.
  [[nodiscard]] std::int64_t excess() const { return last_excess_; }

 private:
  NginxLimitReqOptions options_;
  std::int64_t excess_ = 0;
  std::int64_t last_excess_ = 0;
  std::int64_t last_milliseconds_ = 0;
  bool is_known_ = false;
};

}  // namespace windtunnel::limit
