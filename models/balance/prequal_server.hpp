// What a server answers to Prequal's probes (NSDI 2024, §4): its requests in flight, and the median
// latency of recent requests that met about as many when they arrived.
#pragma once

#include <array>
#include <cstdint>

#include "models/balance/prequal.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::balance {

class PrequalServer {
 public:
  /// A request arrived. The result goes to end() with it.
  [[nodiscard]] std::uint32_t begin() { return ++in_flight_; }

  /// That request is done, after `latency`.
  void end(std::uint32_t in_flight_at_arrival, Duration latency);

  [[nodiscard]] std::uint32_t in_flight() const { return in_flight_; }

  /// Of requests that arrived to as many in flight as one would now, or else to the nearest number
  /// that has been met; zero before any. O(1).
  [[nodiscard]] Duration latency() const;

 private:
  static constexpr std::size_t kRecent = 9;
  static constexpr std::uint32_t kLevels = 64;  ///< More in flight than that count as that many.

  /// The latest latencies at one number in flight.
  struct Level {
    std::array<Duration, kRecent> recent{};
    std::uint64_t count = 0;
    [[nodiscard]] Duration median() const;
  };

  [[nodiscard]] static std::uint32_t level_of(std::uint32_t in_flight) {
    return in_flight < kLevels ? in_flight : kLevels - 1;
  }

  std::uint32_t in_flight_ = 0;
  std::array<Level, kLevels> levels_{};
};

}  // namespace windtunnel::balance
