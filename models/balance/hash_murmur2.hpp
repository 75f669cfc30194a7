// MurmurHash2 with 64 bits of result (Appleby's MurmurHash64A), which Envoy's ring offers beside
// XXH64 because libstdc++'s std::hash was an older Envoy's hash.
#pragma once

#include <cstdint>
#include <string_view>

namespace windtunnel::balance {

/// The seed of libstdc++'s std::hash and of Envoy's ring.
inline constexpr std::uint64_t kMurmur2StandardSeed = 0xc70f6907;

/// Words are read little-endian on every machine.
[[nodiscard]] std::uint64_t murmur2_hash64(std::string_view bytes,
                                           std::uint64_t seed = kMurmur2StandardSeed);

}  // namespace windtunnel::balance
