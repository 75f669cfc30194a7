#include "runtime/codec.hpp"

#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "runtime/random.hpp"
#include "tests/runtime/described_sample.hpp"

namespace windtunnel {
namespace {

RC_GTEST_PROP(Codec, ReadsBackWhatItWrote, ()) {
  const Everything value = arbitrary_everything();
  const auto back = decoded<Everything>(encoded(value));
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == value);
}

RC_GTEST_PROP(Codec, RefusesEveryTruncation, ()) {
  const std::string bytes = encoded(arbitrary_everything());
  const auto length = *rc::gen::inRange<std::size_t>(0, bytes.size());
  RC_ASSERT(!decoded<Everything>(std::string_view{bytes}.substr(0, length)).has_value());
}

RC_GTEST_PROP(Codec, RefusesTrailingBytes, (std::uint8_t extra)) {
  std::string bytes = encoded(arbitrary_everything());
  bytes.push_back(static_cast<char>(extra));
  RC_ASSERT(!decoded<Everything>(bytes).has_value());
}

RC_GTEST_PROP(Codec, SurvivesMutationAndStaysProportionate, ()) {
  std::string bytes = encoded(arbitrary_everything());
  const auto flips = *rc::gen::inRange(1, 5);
  for (int i = 0; i < flips; ++i) {
    bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
  }
  ByteReader in{bytes};
  Everything value;
  decode(in, value);
  // An Inner takes two bytes at least, and a vector grows by doubling.
  RC_ASSERT(value.list.capacity() <= bytes.size());
  RC_ASSERT(value.text.size() + value.bytes.size() <= bytes.size());
  if (in.ok() && in.remaining() == 0) {
    const auto again = decoded<Everything>(encoded(value));
    RC_ASSERT(again.has_value());
    RC_ASSERT(encoded(*again) == encoded(value));
  }
}

RC_GTEST_PROP(Codec, SurvivesArbitraryBytes, (const std::string& bytes)) {
  const auto value = decoded<Everything>(bytes);
  if (value) {
    RC_ASSERT(decoded<Everything>(encoded(*value)).has_value());
  }
}

struct Numbers {
  std::vector<std::uint64_t> numbers;
};
BOOST_DESCRIBE_STRUCT(Numbers, (), (numbers))

TEST(Codec, AllocatesNothingForAForgedLength) {
  ByteBuffer forged;
  ByteWriter out{forged};
  out.varint(std::numeric_limits<std::uint64_t>::max());
  out.varint(1);
  Numbers value;
  ByteReader in{forged.view()};
  decode(in, value);
  EXPECT_FALSE(in.ok());
  EXPECT_LE(value.numbers.capacity(), 4U);
}

TEST(Codec, RefusesAStringLongerThanItsBytes) {
  ByteBuffer forged;
  ByteWriter out{forged};
  out.varint(std::uint64_t{1} << 62);
  EXPECT_FALSE(decoded<std::string>(forged.view()).has_value());
}

TEST(Codec, RefusesValuesOutsideAnEnumsDescription) {
  EXPECT_EQ(decoded<Colour>(std::string(1, '\x07')), Colour::blue);
  EXPECT_FALSE(decoded<Colour>(std::string(1, '\x03')).has_value());
  EXPECT_FALSE(decoded<Colour>(std::string(1, '\0')).has_value());
}

TEST(Codec, RefusesBooleansOtherThanZeroAndOne) {
  EXPECT_EQ(decoded<bool>(std::string(1, '\x01')), true);
  EXPECT_FALSE(decoded<bool>(std::string(1, '\x02')).has_value());
}

TEST(Codec, RefusesNumbersTooLargeForTheirType) {
  EXPECT_EQ(decoded<std::uint8_t>(encoded(std::uint32_t{255})), 255);
  EXPECT_FALSE(decoded<std::uint8_t>(encoded(std::uint32_t{256})).has_value());
  EXPECT_EQ(decoded<std::int8_t>(encoded(std::int32_t{-128})), -128);
  EXPECT_FALSE(decoded<std::int8_t>(encoded(std::int32_t{-129})).has_value());
  EXPECT_FALSE(decoded<std::int8_t>(encoded(std::int32_t{128})).has_value());
}

TEST(ByteReader, RefusesVarintsBeyond64Bits) {
  const std::string most = std::string(9, '\xff') + '\x01';
  EXPECT_EQ(ByteReader{most}.varint(), std::numeric_limits<std::uint64_t>::max());
  for (const std::string& bytes : {std::string(9, '\xff') + '\x02',
                                   std::string(10, '\x80') + '\x01', std::string(20, '\xff')}) {
    ByteReader in{bytes};
    EXPECT_EQ(in.varint(), 0U);
    EXPECT_FALSE(in.ok());
  }
}

TEST(ByteReader, StaysFailed) {
  ByteReader in{"ab"};
  (void)in.raw(3);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.byte(), 0);
  EXPECT_TRUE(in.raw(1).empty());
  EXPECT_FALSE(in.ok());
}

RC_GTEST_PROP(ByteReader, ReadsBackEveryNumber,
              (std::uint64_t number, std::int64_t signed_number, std::uint32_t fixed)) {
  ByteBuffer bytes;
  ByteWriter out{bytes};
  out.varint(number);
  out.signed_varint(signed_number);
  out.fixed32(fixed);
  out.fixed64(number);
  ByteReader in{bytes.view()};
  RC_ASSERT(in.varint() == number);
  RC_ASSERT(in.signed_varint() == signed_number);
  RC_ASSERT(in.fixed32() == fixed);
  RC_ASSERT(in.fixed64() == number);
  RC_ASSERT(in.ok() && in.remaining() == 0);
}

/// LEB128 as its definition has it, group by group.
std::string leb128(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) {
    bytes += static_cast<char>(value | 0x80);
  }
  return bytes + static_cast<char>(value);
}

TEST(ByteWriter, WritesVarintsOfEveryLengthGroupByGroup) {
  RandomStream random{1, "varint"};
  for (unsigned bits = 0; bits <= 64; ++bits) {
    const std::uint64_t most = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
    for (int i = 0; i < 100; ++i) {
      const std::uint64_t value = i == 0 ? most : i == 1 ? most / 2 + 1 : random.next() & most;
      ByteBuffer bytes;
      ByteWriter{bytes}.varint(value);
      ASSERT_EQ(bytes.view(), leb128(value)) << value;
    }
  }
}

TEST(ByteWriter, KeepsSmallMagnitudesShort) {
  EXPECT_EQ(encoded(std::int64_t{-64}).size(), 1U);
  EXPECT_EQ(encoded(std::int64_t{63}).size(), 1U);
  EXPECT_EQ(encoded(std::int64_t{64}).size(), 2U);
  EXPECT_EQ(encoded(std::numeric_limits<std::int64_t>::min()).size(), 10U);
}

}  // namespace
}  // namespace windtunnel
