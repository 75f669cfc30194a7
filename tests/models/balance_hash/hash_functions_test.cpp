#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "models/balance/crc32.hpp"
#include "models/balance/hash_haproxy.hpp"
#include "models/balance/hash_murmur2.hpp"
#include "models/balance/hash_twister.hpp"
#include "models/balance/xx_hash.hpp"
#include "runtime/random.hpp"

namespace windtunnel::balance {
namespace {

TEST(Crc32, IsTheCatalogued) {
  // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
  EXPECT_EQ(crc32("123456789"), 0xcbf43926U);
  EXPECT_EQ(crc32(""), 0U);
}

TEST(Crc32, GoesOnWhereAnEarlierPartEnded) {
  const std::string text = "consistent hashing";
  for (std::size_t split = 0; split <= text.size(); ++split) {
    EXPECT_EQ(crc32(text.substr(split), crc32(text.substr(0, split))), crc32(text));
  }
}

TEST(XxHash, IsThePublished) {
  // Sanity values of the xxHash specification, and of Envoy's hash_test.cc ("foo", "bar").
  EXPECT_EQ(xx_hash64(""), 0xef46db3751d8e999U);
  EXPECT_EQ(xx_hash64("foo"), 3728699739546630719U);
  EXPECT_EQ(xx_hash64("bar"), 5234164152756840025U);
}

// Appleby's reference reads words where they lie; libstdc++ has it inside std::hash, with the seed
// that Envoy uses.
TEST(Murmur2, IsTheHashInsideLibstdcxx) {
  RandomStream rng{1, "murmur"};
  for (int trial = 0; trial < 2000; ++trial) {
    std::string text(rng.below(40), ' ');
    for (char& byte : text) {
      byte = static_cast<char>(rng.below(256));
    }
    EXPECT_EQ(murmur2_hash64(text), std::_Hash_bytes(text.data(), text.size(), 0xc70f6907U));
  }
}

TEST(MersenneTwister, IsTheStandardsSequence) {
  // [rand.predef]: the 10000th draw from the default seed.
  MersenneTwister standard{5489};
  std::uint32_t drawn = 0;
  for (int draw = 0; draw < 10'000; ++draw) {
    drawn = standard.next();
  }
  EXPECT_EQ(drawn, 4123659995U);
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    std::mt19937 library{seed * 77'777'777U};
    MersenneTwister ours{seed * 77'777'777U};
    for (int draw = 0; draw < 1500; ++draw) {
      ASSERT_EQ(ours.next(), library()) << "seed " << seed * 77'777'777U;
    }
  }
}

TEST(HaproxyAvalanche, SendsNoTwoNumbersToOne) {
  std::vector<std::uint32_t> places;
  for (std::uint32_t number = 0; number < (1U << 20); ++number) {
    places.push_back(haproxy_avalanche(number));
  }
  std::sort(places.begin(), places.end());
  EXPECT_EQ(std::adjacent_find(places.begin(), places.end()), places.end());
}

TEST(HaproxySourceHash, XorsTheWordsInNetworkOrder) {
  EXPECT_EQ(haproxy_source_hash(HaproxyHashModifier::none, std::string_view{"\x7f\0\0\1", 4}),
            0x7f000001U);
  const std::string mapped{"\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\1", 16};
  EXPECT_EQ(haproxy_source_hash(HaproxyHashModifier::none, mapped), 0xffffU ^ 0x0a000001U);
}

}  // namespace
}  // namespace windtunnel::balance
