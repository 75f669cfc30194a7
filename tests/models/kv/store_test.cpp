#include "models/kv/store.hpp"

#include <map>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/models/kv/commands.hpp"

namespace windtunnel::kv {
namespace {

SharedBytes command_of(const std::string& key, const std::string& value) {
  return bytes_of(Put{key, value, {}});
}

RC_GTEST_PROP(Store, HoldsWhatAMapHolds, (std::vector<std::uint16_t> numbers)) {
  Store store;
  std::map<std::string, std::string> reference;
  std::uint64_t revision = 0;
  // Enough keys for chunks to split, written in order, backwards, again, and at random.
  for (int i = 0; i < 700; ++i) {
    numbers.push_back(static_cast<std::uint16_t>(30'000 + i));
    numbers.push_back(static_cast<std::uint16_t>(20'000 - i));
    numbers.push_back(static_cast<std::uint16_t>((i * 7919) % 65'536));
  }
  for (const std::uint16_t number : numbers) {
    const std::string key = std::to_string(number);
    const std::string value = std::to_string(++revision);
    store.apply(revision, command_of(key, value));
    reference[key] = value;
  }
  RC_ASSERT(store.size() == reference.size());
  for (const auto& [key, value] : reference) {
    const Version* found = store.find(key);
    RC_ASSERT(found != nullptr);
    RC_ASSERT(found->value == value);
    RC_ASSERT(std::to_string(found->revision) == value);
    RC_ASSERT(store.find(key + "x") == nullptr);
  }
  // All keys, page by page.
  auto expected = reference.begin();
  std::string from;
  for (bool has_more = true; has_more;) {
    const ScanResponse page = store.scan({from, 100});
    for (const KeyAndValue& entry : page.found) {
      RC_ASSERT(expected != reference.end());
      RC_ASSERT(entry.key == expected->first);
      RC_ASSERT(entry.value.view() == expected->second);
      ++expected;
    }
    has_more = page.has_more;
    from = page.found.back().key + '\0';
  }
  RC_ASSERT(expected == reference.end());
}

TEST(Store, FindsNothingWhereNothingWasWritten) {
  const Store store;
  EXPECT_EQ(store.find("key"), nullptr);
  EXPECT_TRUE(store.scan({"", 10}).found.empty());
  EXPECT_FALSE(store.scan({"", 10}).has_more);
}

TEST(Store, EndsAScanAtItsLimitOnlyWhereMoreFollows) {
  Store store;
  store.apply(1, command_of("a", "1"));
  store.apply(2, command_of("b", "2"));
  EXPECT_TRUE(store.scan({"", 1}).has_more);
  EXPECT_FALSE(store.scan({"", 2}).has_more);
  EXPECT_FALSE(store.scan({"c", 2}).has_more);
}

TEST(Store, IgnoresACommandThatDoesNotDecode) {
  Store store;
  store.apply(1, SharedBytes{"\xff"});
  EXPECT_EQ(store.size(), 0U);
}

}  // namespace
}  // namespace windtunnel::kv
