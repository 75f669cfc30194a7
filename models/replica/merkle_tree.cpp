#include "models/replica/merkle_tree.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "models/balance/xx_hash.hpp"

namespace windtunnel::replica {

namespace {

/// A leaf with more is divided.
constexpr std::size_t kItemsMax = 16;

}  // namespace

std::uint64_t position_of(const ItemKey& key) {
  return balance::xx_hash64(key.name, static_cast<std::uint64_t>(key.kind));
}

bool KeyRange::is_range() const {
  return bits <= kBitsMax && bits % kBitsPerLevel == 0 && (bits == kBitsMax || first << bits == 0);
}

bool KeyRange::contains(std::uint64_t position) const {
  return bits == 0 || (position ^ first) >> (kBitsMax - bits) == 0;
}

std::size_t KeyRange::child_at(std::uint64_t position) const {
  return static_cast<std::size_t>(position >> (kBitsMax - bits - kBitsPerLevel)) % kChildren;
}

KeyRange KeyRange::child(std::size_t number) const {
  const std::uint64_t place = std::uint64_t{number} << (kBitsMax - bits - kBitsPerLevel);
  return {first | place, bits + kBitsPerLevel};
}

void MerkleTree::set(const ItemKey& key, std::uint64_t digest) {
  erase(key);
  put(root_, KeyRange{}, {position_of(key), digest, key});
}

void MerkleTree::put(Node& node, const KeyRange& range, Item&& item) {
  node.digest += item.digest;
  ++node.count;
  if (node.children) {
    const std::size_t child = range.child_at(item.position);
    put((*node.children)[child], range.child(child), std::move(item));
    return;
  }
  node.items.push_back(std::move(item));
  if (node.items.size() > kItemsMax && range.is_divisible()) {
    split(node, range);
  }
}

void MerkleTree::split(Node& node, const KeyRange& range) {
  node.children = std::make_unique<std::array<Node, KeyRange::kChildren>>();
  for (Item& item : std::exchange(node.items, {})) {
    const std::size_t child = range.child_at(item.position);
    put((*node.children)[child], range.child(child), std::move(item));
  }
}

void MerkleTree::erase(const ItemKey& key) {
  std::uint64_t digest = 0;
  take(root_, KeyRange{}, {position_of(key), 0, key}, digest);
}

bool MerkleTree::take(Node& node, const KeyRange& range, const Item& item, std::uint64_t& digest) {
  bool is_taken = false;
  if (node.children) {
    const std::size_t child = range.child_at(item.position);
    is_taken = take((*node.children)[child], range.child(child), item, digest);
  } else if (const auto found = std::ranges::find(node.items, item.key, &Item::key);
             found != node.items.end()) {
    digest = found->digest;
    node.items.erase(found);
    is_taken = true;
  }
  node.digest -= is_taken ? digest : 0;
  node.count -= is_taken ? 1 : 0;
  if (node.count == 0) {
    node.children.reset();
  }
  return is_taken;
}

const MerkleTree::Node& MerkleTree::node_around(const KeyRange& range) const {
  const Node* node = &root_;
  KeyRange around;
  while (node->children && around.bits < range.bits) {
    const std::size_t child = around.child_at(range.first);
    node = &(*node->children)[child];
    around = around.child(child);
  }
  return *node;
}

RangeSummary MerkleTree::summary_of(const KeyRange& range) const {
  const Node& node = node_around(range);
  RangeSummary summary{range, node.digest, node.count};
  for (const Item& item : node.items) {
    if (!range.contains(item.position)) {
      summary.digest -= item.digest;
      --summary.count;
    }
  }
  return summary;
}

void MerkleTree::collect_keys(const Node& node, std::vector<Item>& into) {
  into.insert(into.end(), node.items.begin(), node.items.end());
  if (node.children) {
    for (const Node& child : *node.children) {
      collect_keys(child, into);
    }
  }
}

std::vector<ItemKey> MerkleTree::keys_in(const KeyRange& range) const {
  std::vector<Item> items;
  collect_keys(node_around(range), items);
  std::erase_if(items, [&](const Item& item) { return !range.contains(item.position); });
  std::ranges::sort(items, [](const Item& left, const Item& right) {
    return std::tie(left.position, left.key) < std::tie(right.position, right.key);
  });
  std::vector<ItemKey> keys;
  keys.reserve(items.size());
  for (Item& item : items) {
    keys.push_back(std::move(item.key));
  }
  return keys;
}

}  // namespace windtunnel::replica
