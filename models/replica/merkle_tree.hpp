// A hash tree over ranges of keys, by which two replicas find out what they have differently at the
// cost of the difference and the logarithm of what they have. Keys lie in it by their hash. A
// range's digest is the sum of its items', so a change costs one path, and the shape of the tree,
// which follows what is in it, is nobody else's business.
//
// Digests have 64 bits and guard against chance, not against an adversary.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

namespace windtunnel::replica {

/// What a key belongs to.
enum class ItemKind : std::uint8_t { reg, element };
BOOST_DESCRIBE_ENUM(ItemKind, reg, element)

struct ItemKey {
  ItemKind kind = ItemKind::reg;
  std::string name{};
  friend auto operator<=>(const ItemKey&, const ItemKey&) = default;
};

/// Where a key lies.
[[nodiscard]] std::uint64_t position_of(const ItemKey& key);

/// The positions whose first `bits` bits are those of `first`, all others of which are 0.
struct KeyRange {
  static constexpr std::uint32_t kBitsPerLevel = 4;
  static constexpr std::uint32_t kChildren = 1U << kBitsPerLevel;
  static constexpr std::uint32_t kBitsMax = 64;

  std::uint64_t first = 0;
  std::uint32_t bits = 0;

  /// What came from a peer may not be one.
  [[nodiscard]] bool is_range() const;
  [[nodiscard]] bool contains(std::uint64_t position) const;
  [[nodiscard]] bool is_divisible() const { return bits + kBitsPerLevel <= kBitsMax; }
  /// The child that holds `position`, by number. Precondition: is_divisible().
  [[nodiscard]] std::size_t child_at(std::uint64_t position) const;
  [[nodiscard]] KeyRange child(std::size_t number) const;
  friend bool operator==(const KeyRange&, const KeyRange&) = default;
};
BOOST_DESCRIBE_STRUCT(KeyRange, (), (first, bits))

struct RangeSummary {
  KeyRange range{};
  std::uint64_t digest = 0;
  std::uint64_t count = 0;
  friend bool operator==(const RangeSummary&, const RangeSummary&) = default;
};
BOOST_DESCRIBE_STRUCT(RangeSummary, (), (range, digest, count))

class MerkleTree {
 public:
  /// Puts an item in, or changes it. O(log n).
  void set(const ItemKey& key, std::uint64_t digest);
  void erase(const ItemKey& key);

  [[nodiscard]] RangeSummary summary_of(const KeyRange& range) const;
  /// In the order of their positions.
  [[nodiscard]] std::vector<ItemKey> keys_in(const KeyRange& range) const;

 private:
  struct Item {
    std::uint64_t position = 0;
    std::uint64_t digest = 0;
    ItemKey key{};
  };
  struct Node {
    std::uint64_t digest = 0;
    std::uint64_t count = 0;
    std::vector<Item> items;  ///< Of a leaf, in no order that matters.
    std::unique_ptr<std::array<Node, KeyRange::kChildren>> children{};
  };

  static void put(Node& node, const KeyRange& range, Item&& item);
  static bool take(Node& node, const KeyRange& range, const Item& item, std::uint64_t& digest);
  static void split(Node& node, const KeyRange& range);
  static void collect_keys(const Node& node, std::vector<Item>& into);
  /// The node whose range is the smallest that holds all of `range`.
  [[nodiscard]] const Node& node_around(const KeyRange& range) const;

  Node root_;
};

}  // namespace windtunnel::replica
