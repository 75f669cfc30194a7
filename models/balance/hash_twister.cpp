#include "models/balance/hash_twister.hpp"

namespace windtunnel::balance {

namespace {

constexpr std::size_t kMiddle = 397;
constexpr std::uint32_t kUpperBit = 0x80000000U;
constexpr std::uint32_t kTwist = 0x9908b0dfU;

}  // namespace

MersenneTwister::MersenneTwister(std::uint32_t seed) {
  state_[0] = seed;
  for (std::uint32_t i = 1; i < kWords; ++i) {
    const std::uint32_t before = state_[i - 1];
    state_[i] = 1812433253U * (before ^ (before >> 30)) + i;
  }
}

std::uint32_t MersenneTwister::next() {
  const std::size_t after = at_ + 1 < kWords ? at_ + 1 : 0;
  const std::size_t middle = at_ + kMiddle < kWords ? at_ + kMiddle : at_ + kMiddle - kWords;
  const std::uint32_t joined = (state_[at_] & kUpperBit) | (state_[after] & ~kUpperBit);
  std::uint32_t word = state_[middle] ^ (joined >> 1) ^ ((joined & 1) != 0 ? kTwist : 0);
  state_[at_] = word;
  at_ = after;
  word ^= word >> 11;
  word ^= (word << 7) & 0x9d2c5680U;
  word ^= (word << 15) & 0xefc60000U;
  return word ^ (word >> 18);
}

}  // namespace windtunnel::balance
