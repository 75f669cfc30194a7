#include "models/gate/bundle.hpp"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::gate {
namespace {

using namespace std::chrono_literals;
using Verdict = BundleHolder::Verdict;

const Bundle kBundle{{{"too much memory", "/memory > data:/memory"}},
                     {{"/memory", LeafKind::text, "8Gi"}}};

Document asking_for(std::string memory) {
  return {{"/memory", LeafKind::text, std::move(memory)}};
}

TEST(BundleHolder, DeniesSixteenGibibytesWhereEightAreAllowed) {
  BundleHolder holder{WithoutBundle::closed};
  ASSERT_EQ(holder.offer(Instant{1s}, 7, bundle_content_of(kBundle).view()), Verdict::activated);
  EXPECT_EQ(holder.decide(Instant{3s}, asking_for("16Gi")),
            (Decision{false, "too much memory", 7, 2s}));
  EXPECT_EQ(holder.decide(Instant{3s}, asking_for("8Gi")), (Decision{true, "", 7, 2s}));
}

TEST(BundleHolder, DeniesWhatCannotBeTold) {
  BundleHolder holder{WithoutBundle::open};
  ASSERT_EQ(holder.offer(Instant{}, 1, bundle_content_of(kBundle).view()), Verdict::activated);
  EXPECT_EQ(holder.decide(Instant{}, asking_for("plenty")).reason,
            "too much memory (which cannot be told)");
}

TEST(BundleHolder, IsClosedOrOpenBeforeItsFirstBundle) {
  EXPECT_FALSE(BundleHolder{WithoutBundle::closed}.decide(Instant{}, {}).is_allowed);
  EXPECT_TRUE(BundleHolder{WithoutBundle::open}.decide(Instant{}, {}).is_allowed);
  // One that is refused is none.
  BundleHolder holder{WithoutBundle::open};
  EXPECT_EQ(holder.offer(Instant{}, 1, "nonsense"), Verdict::refused);
  EXPECT_TRUE(holder.decide(Instant{}, {}).is_allowed);
}

TEST(BundleHolder, KeepsTheLastGoodOneAndGrowsOlder) {
  BundleHolder holder{WithoutBundle::closed};
  ASSERT_EQ(holder.offer(Instant{}, 1, bundle_content_of(kBundle).view()), Verdict::activated);
  EXPECT_EQ(holder.offer(Instant{1s}, 1, bundle_content_of(kBundle).view()), Verdict::known);
  Bundle bad = kBundle;
  bad.rules.push_back({"nothing", "/memory >"});
  EXPECT_EQ(holder.offer(Instant{2s}, 2, bundle_content_of(bad).view()), Verdict::refused);
  EXPECT_TRUE(holder.why_not().starts_with("the rule \"nothing\" wants")) << holder.why_not();
  EXPECT_EQ(holder.offer(Instant{3s}, 2, bundle_content_of(bad).view()), Verdict::known);
  EXPECT_EQ(holder.decide(Instant{5s}, asking_for("16Gi")),
            (Decision{false, "too much memory", 1, 4s}));
  EXPECT_EQ(holder.offer(Instant{6s}, 3, bundle_content_of({}).view()), Verdict::activated);
  EXPECT_EQ(holder.decide(Instant{6s}, asking_for("16Gi")), (Decision{true, "", 3, 0s}));
}

TEST(BundleHolder, NeverGoesBackInRevisions) {
  RandomStream random{1, "offers"};
  BundleHolder holder{WithoutBundle::closed};
  std::uint64_t highest = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::uint64_t revision = 1 + random.below(static_cast<std::uint64_t>(i) + 10);
    const bool is_good = random.below(3) > 0;
    const std::uint64_t before = holder.revision();
    const Verdict verdict =
        holder.offer(Instant{}, revision, is_good ? bundle_content_of(kBundle).view() : "nonsense");
    EXPECT_EQ(verdict == Verdict::known, revision <= highest);
    EXPECT_EQ(holder.revision(), verdict == Verdict::activated ? revision : before);
    highest = std::max(highest, revision);
  }
}

}  // namespace
}  // namespace windtunnel::gate
