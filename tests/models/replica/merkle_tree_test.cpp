#include "models/replica/merkle_tree.hpp"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::replica {
namespace {

ItemKey key_of(std::uint64_t number) {
  return {number % 2 == 0 ? ItemKind::reg : ItemKind::element, "key-" + std::to_string(number)};
}

KeyRange range_at(std::uint64_t position, std::uint32_t levels) {
  KeyRange range;
  for (std::uint32_t i = 0; i < levels; ++i) {
    range = range.child(range.child_at(position));
  }
  return range;
}

TEST(MerkleTree, SumsEveryRangeAsAListOfAllItemsDoes) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    RandomStream random{seed, "tree"};
    MerkleTree tree;
    std::map<ItemKey, std::uint64_t> items;
    for (int i = 0; i < 400; ++i) {
      const ItemKey key = key_of(random.below(120));
      if (random.below(3) == 0) {
        tree.erase(key);
        items.erase(key);
      } else {
        items[key] = random.next();
        tree.set(key, items[key]);
      }
      const KeyRange range =
          range_at(position_of(key), static_cast<std::uint32_t>(random.below(17)));
      RangeSummary expected{range, 0, 0};
      for (const auto& [other, digest] : items) {
        if (range.contains(position_of(other))) {
          expected.digest += digest;
          ++expected.count;
        }
      }
      ASSERT_EQ(tree.summary_of(range), expected) << "seed " << seed;
      ASSERT_EQ(tree.keys_in(range).size(), expected.count) << "seed " << seed;
    }
  }
}

// What was in it meanwhile leaves no trace, though the tree has divided itself for it.
TEST(MerkleTree, SumsTheSameWhateverCameBefore) {
  MerkleTree straight;
  MerkleTree detour;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    detour.set(key_of(i), i + 1);
  }
  for (std::uint64_t i = 10; i < 2000; ++i) {
    detour.erase(key_of(i));
  }
  for (std::uint64_t i = 0; i < 10; ++i) {
    straight.set(key_of(i), i + 1);
  }
  EXPECT_EQ(straight.summary_of({}), detour.summary_of({}));
  EXPECT_EQ(straight.keys_in({}), detour.keys_in({}));
}

TEST(MerkleTree, KnowsARangeFromWhatIsNone) {
  EXPECT_TRUE((KeyRange{0, 0}).is_range());
  EXPECT_TRUE((KeyRange{0xf000000000000000, 4}).is_range());
  EXPECT_TRUE((KeyRange{~std::uint64_t{0}, 64}).is_range());
  EXPECT_FALSE((KeyRange{1, 0}).is_range());
  EXPECT_FALSE((KeyRange{0, 3}).is_range());
  EXPECT_FALSE((KeyRange{0, 68}).is_range());
  EXPECT_FALSE((KeyRange{0xf100000000000000, 4}).is_range());
}

}  // namespace
}  // namespace windtunnel::replica
