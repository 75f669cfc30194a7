// XXH64, the hash that Envoy and gRPC place hosts and keys by (the library behind it stays in the
// source file), and how two hashes make one.
#pragma once

#include <cstdint>
#include <string_view>

namespace windtunnel::balance {

/// Equal on every machine, little or big endian.
[[nodiscard]] std::uint64_t xx_hash64(std::string_view bytes, std::uint64_t seed = 0);

/// One hash from two, in which each bit of either changes about half of the bits: the finalizer of
/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) over both. Not symmetric.
[[nodiscard]] constexpr std::uint64_t mix_hashes(std::uint64_t left, std::uint64_t right) {
  std::uint64_t mixed = left + (right + 1) * 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

}  // namespace windtunnel::balance
