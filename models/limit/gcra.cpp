#include "models/limit/gcra.hpp"

#include <algorithm>

namespace windtunnel::limit {

Gcra::Gcra(Rate rate, std::uint32_t burst, Instant now)
    : rate_(rate),
      burst_(burst),
      one_(rate.time_for(1)),
      tolerance_(rate.time_for(burst)),
      arrival_{now, 0},
      latest_(now) {
  check(burst > 0, "a burst is at least one request");
}

FineInstant Gcra::arrival_after(Instant now, std::uint32_t n) const {
  const FineInstant from = std::max(arrival_, FineInstant{now, 0});
  return rate_.add(from, n == 1 ? one_ : rate_.time_for(n));
}

Decision Gcra::decide(Instant now, std::uint32_t n, FineInstant arrival) const {
  if (n > burst_) {
    return Decision::refuse(kNever);
  }
  const FineInstant limit = rate_.add({now, 0}, tolerance_);
  if (arrival <= limit) {
    return Decision::pass();
  }
  const Duration whole = arrival.whole - limit.whole;
  return Decision::refuse(whole + Duration{arrival.parts > limit.parts ? 1 : 0});
}

Decision Gcra::peek(Instant now, std::uint32_t n) const {
  const Instant time = std::max(now, latest_);
  return decide(time, n, n > burst_ ? arrival_ : arrival_after(time, n));
}

Decision Gcra::admit(Instant now, std::uint32_t n) {
  latest_ = std::max(latest_, now);
  const FineInstant arrival = n > burst_ ? arrival_ : arrival_after(latest_, n);
  const Decision decision = decide(latest_, n, arrival);
  if (decision.admitted) {
    arrival_ = arrival;
  }
  return decision;
}

std::uint32_t Gcra::available(Instant now) const {
  std::uint32_t low = 0;
  std::uint32_t high = burst_;
  while (low < high) {
    const std::uint32_t middle = high - (high - low) / 2;
    if (peek(now, middle).admitted) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

void Gcra::reconfigure(Instant now, Rate rate, std::uint32_t burst) {
  const Instant time = std::max(now, latest_);
  const std::uint32_t kept = std::min(available(time), burst);
  *this = Gcra{rate, burst, time};
  if (kept < burst) {
    static_cast<void>(admit(time, burst - kept));
  }
}

}  // namespace windtunnel::limit
