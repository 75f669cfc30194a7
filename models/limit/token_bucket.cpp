#include "models/limit/token_bucket.hpp"

#include <algorithm>

namespace windtunnel::limit {

namespace {

__extension__ using Wide = __int128;

std::int64_t shares_of(Rate rate, std::uint32_t tokens) {
  check(tokens > 0, "a bucket holds at least one token");
  check(std::int64_t{tokens} <= INT64_MAX / 2 / rate.per(), "a full bucket fits 63 bits");
  return std::int64_t{tokens} * rate.per();
}

}  // namespace

TokenBucket::TokenBucket(Rate rate, std::uint32_t burst, Instant now)
    : rate_(rate), full_(shares_of(rate, burst)), shares_(full_), latest_(now) {}

std::int64_t TokenBucket::shares_at(Instant now) const {
  if (now <= latest_) {
    return shares_;
  }
  // Compared before multiplying: a long idle time would overflow.
  const std::int64_t elapsed = (now - latest_).count();
  const std::int64_t missing = full_ - shares_;
  return elapsed > missing / rate_.count() ? full_ : shares_ + elapsed * rate_.count();
}

Decision TokenBucket::decide(std::int64_t shares, std::uint64_t wanted) const {
  if (wanted > static_cast<std::uint64_t>(full_ / rate_.per())) {
    return Decision::refuse(kNever);
  }
  const std::int64_t missing = static_cast<std::int64_t>(wanted) * rate_.per() - shares;
  if (missing <= 0) {
    return Decision::pass();
  }
  return Decision::refuse(Duration{(missing - 1) / rate_.count() + 1});
}

Decision TokenBucket::peek(Instant now, std::uint32_t n, std::uint32_t keep) const {
  return decide(shares_at(now), std::uint64_t{n} + keep);
}

Decision TokenBucket::admit(Instant now, std::uint32_t n, std::uint32_t keep) {
  shares_ = shares_at(now);
  latest_ = std::max(latest_, now);
  const Decision decision = decide(shares_, std::uint64_t{n} + keep);
  if (decision.admitted) {
    shares_ -= std::int64_t{n} * rate_.per();
  }
  return decision;
}

void TokenBucket::reconfigure(Instant now, Rate rate, std::uint32_t burst) {
  const std::int64_t full = shares_of(rate, burst);
  const Wide converted = Wide{shares_at(now)} * rate.per() / rate_.per();
  shares_ = converted < full ? static_cast<std::int64_t>(converted) : full;
  full_ = full;
  rate_ = rate;
  latest_ = std::max(latest_, now);
}

std::uint32_t TokenBucket::available(Instant now) const {
  return static_cast<std::uint32_t>(shares_at(now) / rate_.per());
}

}  // namespace windtunnel::limit
