#include "models/limit/sentinel_qps.hpp"

namespace windtunnel::limit {

Decision SentinelQps::admit(Instant now, std::uint32_t n) {
  window_.advance(now);
  if (static_cast<double>(window_.passed() + n) > count_) {
    return Decision::refuse(static_cast<double>(n) > count_ ? kNever : window_.until_next_bucket());
  }
  window_.add(n);
  return Decision::pass();
}

bool SentinelQps::is_fresh(Instant now) const {
  SentinelWindow later = window_;
  later.advance(now);
  return later.passed() == 0;
}

}  // namespace windtunnel::limit
