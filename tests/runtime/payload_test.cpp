#include "runtime/payload.hpp"

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/runtime/described_sample.hpp"

namespace windtunnel {
namespace {

struct Small {
  static constexpr std::string_view kWireName = "test.small";
  std::uint64_t number = 0;
  std::shared_ptr<int> witness;  // Not described: it only counts copies.
};
BOOST_DESCRIBE_STRUCT(Small, (), (number))

struct Large {
  static constexpr std::string_view kWireName = "test.large";
  std::uint64_t number = 0;
  std::shared_ptr<int> witness;
  std::array<std::uint64_t, 20> padding{};
};
BOOST_DESCRIBE_STRUCT(Large, (), (number))

template <typename T>
class PayloadOf : public ::testing::Test {};
using Sizes = ::testing::Types<Small, Large>;
TYPED_TEST_SUITE(PayloadOf, Sizes);

TEST(Payload, KeepsSmallValuesInsideAndLargeOnesOutside) {
  EXPECT_TRUE(description_of<Small>().stored_inline);
  EXPECT_FALSE(description_of<Large>().stored_inline);
}

TYPED_TEST(PayloadOf, MovesWithoutCopyingAndDestroysOnce) {
  auto witness = std::make_shared<int>();
  {
    TypeParam value;
    value.number = 5;
    value.witness = witness;
    Payload first{std::move(value)};
    Payload second{std::move(first)};
    EXPECT_TRUE(
        first.empty());  // NOLINT(bugprone-use-after-move): what a move leaves is the claim.
    EXPECT_EQ(witness.use_count(), 2);
    Payload third;
    third = std::move(second);
    EXPECT_EQ(third.template as<TypeParam>().number, 5U);
    EXPECT_EQ(third.template as<TypeParam>().witness, witness);
    third = Payload{TypeParam{}};
    EXPECT_EQ(witness.use_count(), 1);
  }
  EXPECT_EQ(witness.use_count(), 1);
}

TYPED_TEST(PayloadOf, ClonesAreIndependent) {
  Payload original{TypeParam{}};
  original.template as<TypeParam>().number = 1;
  Payload copy = original.clone();
  copy.template as<TypeParam>().number = 2;
  EXPECT_EQ(original.template as<TypeParam>().number, 1U);
  EXPECT_EQ(&copy.type(), &original.type());
}

TYPED_TEST(PayloadOf, EncodesAndDecodesThroughItsDescription) {
  Payload original{TypeParam{}};
  original.template as<TypeParam>().number = 77;
  ByteBuffer bytes;
  ByteWriter out{bytes};
  original.encode(out);
  Payload back;
  ByteReader in{bytes.view()};
  ASSERT_TRUE(original.type().decode(in, back));
  EXPECT_EQ(back.template as<TypeParam>().number, 77U);
}

TEST(Payload, RefusesToBeReadAsAnotherType) {
  Payload payload{Small{}};
  EXPECT_TRUE(payload.holds<Small>());
  EXPECT_FALSE(payload.holds<Large>());
  EXPECT_THROW((void)payload.as<Large>(), ProgrammingError);
  EXPECT_FALSE(Payload{}.holds<Small>());
}

TEST(Payload, ClonesNothingFromNothing) {
  EXPECT_TRUE(Payload{}.clone().empty());
}

TEST(Payload, FailsToDecodeMalformedBytesAndStaysAsItWas) {
  Payload payload;
  ByteReader in{""};
  EXPECT_FALSE(description_of<Small>().decode(in, payload));
  EXPECT_TRUE(payload.empty());
}

TEST(WireId, IsFnv1aOfTheName) {
  // The published vectors of FNV-1a, 32 bits (Noll's test suite, isthe.com/chongo/tech/comp/fnv).
  EXPECT_EQ(wire_id(""), 0x811c9dc5U);
  EXPECT_EQ(wire_id("a"), 0xe40c292cU);
  EXPECT_EQ(wire_id("foobar"), 0xbf9cf968U);
  EXPECT_EQ(description_of<Small>().id, wire_id("test.small"));
}

class Collected final : public FieldVisitor {
 public:
  using Value = std::variant<std::int64_t, std::uint64_t, double, bool, std::string>;
  void field(std::string_view name, std::int64_t value) override { add(name, value); }
  void field(std::string_view name, std::uint64_t value) override { add(name, value); }
  void field(std::string_view name, double value) override { add(name, value); }
  void field(std::string_view name, bool value) override { add(name, value); }
  void field(std::string_view name, std::string_view value) override {
    add(name, std::string{value});
  }
  std::map<std::string, Value> fields;

 private:
  void add(std::string_view name, Value value) { fields[std::string{name}] = std::move(value); }
};

TEST(VisitFields, ShowsEachMemberUnderItsName) {
  Everything value;
  value.colour = Colour::green;
  value.host = HostId{9};
  value.span = Duration{-4};
  value.list.resize(3);
  value.maybe = Inner{8, "label"};
  Collected seen;
  visit_fields(value, seen);
  EXPECT_EQ(seen.fields.at("colour"), Collected::Value{std::string{"green"}});
  EXPECT_EQ(seen.fields.at("host"), Collected::Value{std::uint64_t{9}});
  EXPECT_EQ(seen.fields.at("span"), Collected::Value{std::int64_t{-4}});
  EXPECT_EQ(seen.fields.at("list.size"), Collected::Value{std::uint64_t{3}});
  EXPECT_EQ(seen.fields.at("maybe.depth"), Collected::Value{std::int64_t{8}});
  EXPECT_EQ(seen.fields.at("maybe.label"), Collected::Value{std::string{"label"}});
  EXPECT_EQ(seen.fields.count("maybe"), 0U);
}

}  // namespace
}  // namespace windtunnel
