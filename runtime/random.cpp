#include "runtime/random.hpp"

#include <cmath>

#include <xxhash.h>

#include "runtime/check.hpp"
#include "runtime/portable_math.hpp"

namespace windtunnel {

namespace {

__extension__ using Wide = unsigned __int128;

// Multipliers and Weyl increments of Philox4x64, as published with the paper.
constexpr std::uint64_t kMultiplier0 = 0xD2E7470EE14C6C93ULL;
constexpr std::uint64_t kMultiplier1 = 0xCA5A826395121157ULL;
constexpr std::uint64_t kWeyl0 = 0x9E3779B97F4A7C15ULL;
constexpr std::uint64_t kWeyl1 = 0xBB67AE8584CAA73BULL;
constexpr int kRounds = 10;

/// The normal density cut into layers of equal area (Marsaglia and Tsang, "The ziggurat method for
/// generating random variables", 2000; parameters for 128 layers from Doornik, 2005). Layer i is
/// as wide as edges[i] at its lower side; layer 0 holds the tail beyond kTail.
struct Ziggurat {
  static constexpr std::size_t kLayers = 128;
  static constexpr double kTail = 3.442619855899;
  static constexpr double kArea = 9.91256303526217e-3;

  std::array<double, kLayers + 1> edges{};
  std::array<double, kLayers + 1> heights{};  ///< The density exp(-x*x/2) at each edge.

  Ziggurat() {
    heights[1] = portable_exp(-kTail * kTail / 2);
    edges[0] = kArea / heights[1];
    edges[1] = kTail;
    for (std::size_t i = 2; i < kLayers; ++i) {
      heights[i] = heights[i - 1] + kArea / edges[i - 1];
      edges[i] = std::sqrt(-2 * portable_log(heights[i]));
    }
    heights[kLayers] = 1;
  }
};

}  // namespace

std::array<std::uint64_t, 4> philox4x64(const std::array<std::uint64_t, 4>& counter,
                                        const std::array<std::uint64_t, 2>& key) {
  std::uint64_t c0 = counter[0];
  std::uint64_t c1 = counter[1];
  std::uint64_t c2 = counter[2];
  std::uint64_t c3 = counter[3];
  std::uint64_t k0 = key[0];
  std::uint64_t k1 = key[1];
#pragma GCC unroll 10
  for (int round = 0; round < kRounds; ++round) {
    const Wide product0 = static_cast<Wide>(kMultiplier0) * c0;
    const Wide product1 = static_cast<Wide>(kMultiplier1) * c2;
    c0 = static_cast<std::uint64_t>(product1 >> 64U) ^ c1 ^ k0;
    c2 = static_cast<std::uint64_t>(product0 >> 64U) ^ c3 ^ k1;
    c1 = static_cast<std::uint64_t>(product1);
    c3 = static_cast<std::uint64_t>(product0);
    k0 += kWeyl0;
    k1 += kWeyl1;
  }
  return {c0, c1, c2, c3};
}

RandomStream::RandomStream(std::uint64_t seed, std::string_view purpose) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(purpose.data(), purpose.size(), seed);
  key_ = {hash.low64, hash.high64};
}

void RandomStream::refill() {
  block_ = philox4x64({counter_++, 0, 0, 0}, key_);
  used_ = 0;
}

std::uint64_t RandomStream::below_after(Wide product, std::uint64_t bound) {
  const std::uint64_t threshold = (0 - bound) % bound;
  while (static_cast<std::uint64_t>(product) < threshold) {
    product = static_cast<Wide>(next()) * bound;
  }
  return static_cast<std::uint64_t>(product >> 64U);
}

Duration RandomStream::uniform(Duration low, Duration high) {
  check(low <= high, "a uniform draw needs low <= high");
  const auto width = static_cast<std::uint64_t>((high - low).count());
  return low + Duration{static_cast<std::int64_t>(below(width + 1))};
}

double RandomStream::normal() {
  static const Ziggurat ziggurat;
  for (;;) {
    const std::uint64_t bits = next();
    const std::size_t layer = bits % Ziggurat::kLayers;
    // The sign and 53 bits of fraction from the upper bits, which the layer does not use.
    const double u = static_cast<double>(static_cast<std::int64_t>(bits) >> 10) * 0x1p-53;
    const double x = u * ziggurat.edges[layer];
    if (std::abs(x) < ziggurat.edges[layer + 1]) {
      return x;
    }
    if (layer == 0) {
      return tail(u < 0 ? -1.0 : 1.0);
    }
    const double low = ziggurat.heights[layer];
    const double high = ziggurat.heights[layer + 1];
    if (low + unit() * (high - low) < portable_exp(-x * x / 2)) {
      return x;
    }
  }
}

double RandomStream::tail(double sign) {
  for (;;) {
    const double x = exponential() / Ziggurat::kTail;
    const double y = exponential();
    if (2 * y > x * x) {
      return sign * (Ziggurat::kTail + x);
    }
  }
}

double RandomStream::exponential() {
  return -portable_log(1 - unit());
}

}  // namespace windtunnel
