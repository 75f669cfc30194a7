#include "models/balance/hash_murmur2.hpp"

#include <cstddef>

namespace windtunnel::balance {

namespace {

constexpr std::uint64_t kMultiplier = 0xc6a4a7935bd1e995;
constexpr std::size_t kWord = 8;

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    word = word << 8 | static_cast<std::uint8_t>(bytes[i]);
  }
  return word;
}

std::uint64_t fold(std::uint64_t x) {
  return x ^ (x >> 47);
}

}  // namespace

std::uint64_t murmur2_hash64(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t hash = seed ^ (bytes.size() * kMultiplier);
  for (; bytes.size() >= kWord; bytes.remove_prefix(kWord)) {
    const std::uint64_t word = little_endian(bytes.substr(0, kWord)) * kMultiplier;
    hash = (hash ^ fold(word) * kMultiplier) * kMultiplier;
  }
  if (!bytes.empty()) {
    hash = (hash ^ little_endian(bytes)) * kMultiplier;
  }
  return fold(fold(hash) * kMultiplier);
}

}  // namespace windtunnel::balance
