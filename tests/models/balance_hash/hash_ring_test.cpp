#include "models/balance/hash_ring.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace windtunnel::balance {
namespace {

/// The owner of the first point at or after `position`, looked for one by one; of the ring's first
/// point if there is none.
template <typename Position>
std::uint32_t owner_by_search(const std::vector<typename HashRing<Position>::Point>& points,
                              Position position) {
  const auto nearer = [position](const auto& left, const auto& right) {
    // Distances around the ring, modulo its size.
    return static_cast<Position>(left.position - position) <
           static_cast<Position>(right.position - position);
  };
  return std::min_element(points.begin(), points.end(), nearer)->owner;
}

template <typename Position>
void agrees_with_search() {
  const auto positions =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<Position>>(rc::gen::arbitrary<Position>()));
  std::vector<typename HashRing<Position>::Point> points;
  for (const Position position : positions) {
    points.push_back({position, static_cast<std::uint32_t>(points.size())});
  }
  const HashRing<Position> ring{points, EqualPoints::keep};
  RC_ASSERT(ring.size() == points.size());
  std::vector<Position> asked = positions;
  asked.push_back(*rc::gen::arbitrary<Position>());
  for (const Position position : asked) {
    for (const Position near :
         {position, static_cast<Position>(position + 1), static_cast<Position>(position - 1),
          static_cast<Position>(~position)}) {
      RC_ASSERT(ring[ring.at_or_after(near)].owner == owner_by_search<Position>(points, near));
    }
  }
}

RC_GTEST_PROP(HashRing, FindsWhatALookAtEachPointFinds, ()) {
  agrees_with_search<std::uint64_t>();
  agrees_with_search<std::uint32_t>();
}

// Arbitrary 64-bit numbers are seldom equal or adjacent; these are.
RC_GTEST_PROP(HashRing, FindsTheFirstListedOfEqualPoints, ()) {
  const auto positions = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange<std::uint32_t>(0, 8)));
  std::vector<HashRing<std::uint32_t>::Point> points;
  for (const std::uint32_t position : positions) {
    points.push_back({position << 29, static_cast<std::uint32_t>(points.size())});
  }
  const HashRing<std::uint32_t> kept{points, EqualPoints::keep};
  const HashRing<std::uint32_t> dropped{points, EqualPoints::drop};
  for (std::uint32_t position = 0; position < 8; ++position) {
    const std::uint32_t owner = owner_by_search<std::uint32_t>(points, position << 29);
    RC_ASSERT(kept[kept.at_or_after(position << 29)].owner == owner);
    RC_ASSERT(dropped[dropped.at_or_after(position << 29)].owner == owner);
  }
}

TEST(HashRing, GoesRoundBothWays) {
  const HashRing<std::uint64_t> ring{{{30, 0}, {10, 1}, {20, 2}}, EqualPoints::keep};
  EXPECT_EQ(ring[ring.after(2)].position, 10U);
  EXPECT_EQ(ring[ring.before(0)].position, 30U);
  EXPECT_EQ(ring.at_or_after(31), 0U);
}

}  // namespace
}  // namespace windtunnel::balance
