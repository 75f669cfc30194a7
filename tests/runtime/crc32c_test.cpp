#include "runtime/crc32c.hpp"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace windtunnel {
namespace {

std::uint32_t crc32c_bit_by_bit(std::string_view bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const char c : bytes) {
    crc ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78U : crc >> 1;
    }
  }
  return ~crc;
}

TEST(Crc32c, GivesThePublishedCheckValue) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
}

// RFC 3720, appendix B.4.
TEST(Crc32c, GivesTheValuesOfTheIscsiStandard) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43U);
  std::string ascending;
  for (int i = 0; i < 32; ++i) {
    ascending.push_back(static_cast<char>(i));
  }
  EXPECT_EQ(crc32c(ascending), 0x46DD794EU);
}

RC_GTEST_PROP(Crc32c, AgreesWithTheDefinitionBitByBit, (const std::string& bytes)) {
  RC_ASSERT(crc32c(bytes) == crc32c_bit_by_bit(bytes));
}

RC_GTEST_PROP(Crc32c, GoesOnWhereAnEarlierPartEnded,
              (const std::string& first, const std::string& second)) {
  RC_ASSERT(crc32c(second, crc32c(first)) == crc32c(first + second));
}

}  // namespace
}  // namespace windtunnel
