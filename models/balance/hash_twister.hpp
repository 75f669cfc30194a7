// MT19937, the generator that Envoy's bounded load shuffles hosts with (Matsumoto and Nishimura,
// "Mersenne twister", ACM TOMACS 8, 1998). Here only to follow Envoy pick for pick; whatever needs
// randomness of its own draws from a RandomStream.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace windtunnel::balance {

/// The sequence of the C++ standard's generator of that name, seed for seed.
class MersenneTwister {
 public:
  /// Costs 624 steps; each draw costs one more.
  explicit MersenneTwister(std::uint32_t seed);

  /// 32 uniformly distributed bits.
  [[nodiscard]] std::uint32_t next();

 private:
  static constexpr std::size_t kWords = 624;

  std::array<std::uint32_t, kWords> state_;
  std::size_t at_ = 0;
};

}  // namespace windtunnel::balance
