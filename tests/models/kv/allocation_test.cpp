// What the hot paths of the store allocate once they are warm: nothing but the command itself.
#include <gtest/gtest.h>

#include "models/kv/lessor.hpp"
#include "models/kv/store.hpp"
#include "models/kv/watch_hub.hpp"
#include "tests/models/kv/commands.hpp"
#include "tests/sim/counted_allocations.hpp"

namespace windtunnel::kv {
namespace {

TEST(Store, AllocatesNothingForAPutOnceItsHistoryHasItsSize) {
  Store store{{64}};
  WatchHub hub{store.history(), 100};
  static_cast<void>(hub.create({"other/", WatchMatch::prefix}, 0));
  const SharedBytes command =
      bytes_of(Put{"a key that is longer than a short string", "value", {}});
  std::uint64_t revision = 0;
  for (int i = 0; i < 100; ++i) {
    store.apply(++revision, command);
    hub.observe();
  }
  const std::uint64_t before = counted_allocations();
  for (int i = 0; i < 10'000; ++i) {
    store.apply(++revision, command);
    hub.observe();
  }
  EXPECT_EQ(counted_allocations(), before);
}

TEST(Lessor, AllocatesNothingToRenew) {
  using namespace std::chrono_literals;
  Lessor lessor{{}};
  lessor.promote(Instant{}, {});
  for (std::uint64_t id = 1; id <= 100; ++id) {
    lessor.grant(Instant{}, LeaseId{id}, 10s);
  }
  std::vector<LeaseId> expired;
  const std::uint64_t before = counted_allocations();
  for (int round = 0; round < 100; ++round) {
    const Instant now{round * 1s};
    for (std::uint64_t id = 1; id <= 100; ++id) {
      ASSERT_TRUE(lessor.renew(now, now, LeaseId{id}));
    }
    lessor.collect_expired(now, expired);
  }
  EXPECT_TRUE(expired.empty());
  EXPECT_EQ(counted_allocations(), before);
}

}  // namespace
}  // namespace windtunnel::kv
