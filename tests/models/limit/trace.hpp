// Random request traces that visit what limiters get wrong: bursts at one instant, arrivals a
// nanosecond around the next permit, long idle times, clocks that step back.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::limit {

struct Arrival {
  Instant at{};
  std::uint32_t n = 1;
};

struct TraceOptions {
  std::size_t length = 400;
  Duration permit{};        ///< The time of one permit, about which arrivals gather.
  std::uint32_t n_max = 1;  ///< Permits of one request, from 1.
  bool clock_may_go_back = false;
};

inline std::vector<Arrival> random_trace(RandomStream& random, const TraceOptions& options) {
  std::vector<Arrival> trace;
  Duration time = random.uniform(Duration::zero(), options.permit * 3);
  while (trace.size() < options.length) {
    switch (random.below(options.clock_may_go_back ? 7 : 6)) {
      case 0:
      case 1:
        break;
      case 2:
        time += options.permit + random.uniform(Duration{-1}, Duration{1});
        break;
      case 3:
        time += random.uniform(Duration::zero(), options.permit * 2);
        break;
      case 4:
        time += options.permit * static_cast<std::int64_t>(random.below(4));
        break;
      case 5:
        time += random.below(10) == 0 ? random.uniform(Duration::zero(), options.permit * 40)
                                      : Duration{1};
        break;
      default:
        time =
            std::max(time - random.uniform(Duration::zero(), options.permit * 5), Duration::zero());
        break;
    }
    trace.push_back({Instant{time}, static_cast<std::uint32_t>(1 + random.below(options.n_max))});
  }
  return trace;
}

}  // namespace windtunnel::limit
