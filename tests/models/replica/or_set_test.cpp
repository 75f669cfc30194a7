// The set without tombstones, held against one with: pairs of element and tag, and the tags that
// were removed.
#include "models/replica/or_set.hpp"

#include <array>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::replica {
namespace {

constexpr std::array kElements{"a", "b", "c"};

/// Shapiro et al., specification 15: every addition has a unique tag, and removed tags are kept.
struct NaiveSet {
  std::set<std::pair<std::string, Dot>> added;
  std::set<Dot> removed;

  void add(const std::string& element, const Dot& tag) { added.emplace(element, tag); }
  void remove(const std::string& element) {
    for (const auto& [name, tag] : added) {
      if (name == element) {
        removed.insert(tag);
      }
    }
  }
  void join(const NaiveSet& other) {
    added.insert(other.added.begin(), other.added.end());
    removed.insert(other.removed.begin(), other.removed.end());
  }
  [[nodiscard]] std::set<std::string> elements() const {
    std::set<std::string> present;
    for (const auto& [name, tag] : added) {
      if (!removed.contains(tag)) {
        present.insert(name);
      }
    }
    return present;
  }
};

/// A replica of nothing but a set.
struct Holder {
  OrSet set;
  CausalContext seen;

  void take(const OrSetDelta& delta) {
    set.join(delta, seen);
    seen.join(delta.context);
  }
  OrSetDelta add(const Dot& addition, const std::string& element) {
    const OrSetDelta delta = delta_of(element, addition, set.additions_of(element));
    take(delta);
    return delta;
  }
  OrSetDelta remove(const std::string& element) {
    const OrSetDelta delta = delta_of(element, {}, set.additions_of(element));
    take(delta);
    return delta;
  }
  /// Everything there is, as one delta; what is in the other only is named too.
  [[nodiscard]] OrSetDelta all() const {
    OrSetDelta delta{{}, seen};
    for (const char* const element : kElements) {
      delta.elements.push_back({element, set.additions_of(element)});
    }
    return delta;
  }
  [[nodiscard]] std::set<std::string> elements() const {
    std::set<std::string> present;
    for (const auto& [name, additions] : set.elements()) {
      present.insert(name);
    }
    return present;
  }
  friend bool operator==(const Holder& one, const Holder& other) {
    return one.set.elements() == other.set.elements() && one.seen == other.seen;
  }
};

struct Both {
  Holder holder;
  NaiveSet naive;
  void join(const Both& other) {
    holder.take(other.holder.all());
    naive.join(other.naive);
  }
};

/// Three replicas that add, remove and join each other at random.
std::vector<Both> random_replicas(std::uint64_t seed, int steps) {
  RandomStream random{seed, "set"};
  std::vector<Both> replicas(3);
  std::vector<std::uint64_t> numbers(3);
  for (int i = 0; i < steps; ++i) {
    const std::size_t self = random.below(3);
    Both& replica = replicas[self];
    const std::string element = kElements[random.below(kElements.size())];
    switch (random.below(4)) {
      case 0:
      case 1: {
        const Dot tag{ReplicaId{static_cast<std::uint32_t>(self)}, ++numbers[self]};
        replica.holder.add(tag, element);
        replica.naive.add(element, tag);
        break;
      }
      case 2:
        replica.holder.remove(element);
        replica.naive.remove(element);
        break;
      default:
        replica.join(replicas[random.below(3)]);
    }
    EXPECT_EQ(replica.holder.elements(), replica.naive.elements()) << "seed " << seed;
  }
  return replicas;
}

TEST(OrSet, AgreesWithASetOfTagsAndTombstones) {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    random_replicas(seed, 60);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
}

TEST(OrSet, JoinsInAnyOrderAnyGroupingAndAnyNumberOfTimesToTheSame) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const std::vector<Both> replicas = random_replicas(seed, 30);
    const auto joined = [](Holder left, const Holder& right) {
      left.take(right.all());
      return left;
    };
    const Holder& a = replicas[0].holder;
    const Holder& b = replicas[1].holder;
    const Holder& c = replicas[2].holder;
    ASSERT_EQ(joined(a, b), joined(b, a)) << "seed " << seed;
    ASSERT_EQ(joined(joined(a, b), c), joined(a, joined(b, c))) << "seed " << seed;
    ASSERT_EQ(joined(a, a), a) << "seed " << seed;
    ASSERT_EQ(joined(joined(a, b), b), joined(a, b)) << "seed " << seed;
  }
}

TEST(OrSet, KeepsAnAdditionThatARemovalHadNotSeen) {
  Holder here;
  Holder there;
  there.take(here.add({ReplicaId{0}, 1}, "a"));
  const OrSetDelta removal = there.remove("a");
  const OrSetDelta addition = here.add({ReplicaId{0}, 2}, "a");
  here.take(removal);
  there.take(addition);
  EXPECT_TRUE(here.set.contains("a"));
  EXPECT_EQ(here, there);
}

TEST(OrSet, HoldsNothingOfWhatWasRemoved) {
  Holder holder;
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    holder.add({ReplicaId{0}, i}, "a");
  }
  EXPECT_EQ(holder.set.additions_of("a").size(), 1U);
  holder.remove("a");
  EXPECT_TRUE(holder.set.elements().empty());
  EXPECT_EQ(holder.seen.replicas.front().stretches.size(), 1U);
}

}  // namespace
}  // namespace windtunnel::replica
