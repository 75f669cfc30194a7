#include "models/raft/facts.hpp"

#include <bit>
#include <cstddef>
#include <cstring>

namespace windtunnel::raft {

namespace {

// Little-endian whatever the platform.
std::uint64_t word_at(std::string_view bytes, std::size_t begin, std::size_t count) {
  std::uint64_t word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&word, bytes.data() + begin, count);
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      word |= std::uint64_t{static_cast<unsigned char>(bytes[begin + i])} << (8 * i);
    }
  }
  return word;
}

// The finalizer of MurmurHash3 (Appleby, public domain) with the offset basis folded in by the
// caller.
std::uint64_t mix(std::uint64_t word) {
  word = (word ^ (word >> 33U)) * 0xff51afd7ed558ccdU;
  word = (word ^ (word >> 33U)) * 0xc4ceb9fe1a85ec53U;
  return word ^ (word >> 33U);
}

}  // namespace

std::uint64_t checksum_of(std::string_view bytes) {
  std::uint64_t sum = mix(bytes.size() + 1);
  std::size_t begin = 0;
  for (; begin + 8 <= bytes.size(); begin += 8) {
    sum = mix(sum ^ word_at(bytes, begin, 8));
  }
  return begin == bytes.size() ? sum : mix(sum ^ word_at(bytes, begin, bytes.size() - begin));
}

}  // namespace windtunnel::raft
