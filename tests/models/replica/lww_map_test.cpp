#include "models/replica/lww_map.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace windtunnel::replica {
namespace {

Register write(std::uint32_t replica, std::uint64_t number, std::int64_t at,
               std::optional<std::string> value) {
  return {{ReplicaId{replica}, number}, {WallInstant{Duration{at}}, 0}, std::move(value)};
}

TEST(LwwMap, HoldsTheSameInEveryOrderOfArrivalAndHoweverOftenWritesCome) {
  const std::vector<Register> writes{write(0, 1, 5, "a"), write(1, 1, 5, "b"),
                                     write(2, 1, 4, "c"), write(0, 2, 6, std::nullopt),
                                     write(1, 2, 6, "d"), write(2, 2, 6, std::nullopt)};
  std::vector<std::size_t> order{0, 1, 2, 3, 4, 5};
  do {
    LwwMap map;
    for (const std::size_t which : order) {
      map.apply("k", writes[which]);
      map.apply("k", writes[order.front()]);
    }
    ASSERT_EQ(*map.find("k"), writes[5]);
    ASSERT_EQ(map.tombstones().size(), 1U);
  } while (std::ranges::next_permutation(order).found);
}

TEST(LwwMap, BreaksATieByTheReplicaAndNotByArrival) {
  LwwMap map;
  EXPECT_TRUE(map.apply("k", write(1, 1, 5, "of the greater")));
  EXPECT_FALSE(map.apply("k", write(0, 1, 5, "of the smaller")));
  EXPECT_EQ(map.find("k")->value, "of the greater");
}

TEST(LwwMap, ForgetsADeletionOnlyWhenTold) {
  LwwMap map;
  map.apply("k", write(0, 1, 5, "a"));
  map.apply("k", write(0, 2, 6, std::nullopt));
  ASSERT_NE(map.find("k"), nullptr);
  EXPECT_TRUE(map.find("k")->is_tombstone());
  map.collect("k");
  EXPECT_EQ(map.find("k"), nullptr);
  EXPECT_TRUE(map.tombstones().empty());
}

}  // namespace
}  // namespace windtunnel::replica
