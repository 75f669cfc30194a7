#include "models/proxy/version_chooser.hpp"

#include <cmath>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "models/proxy/latency_buckets.hpp"

namespace windtunnel::proxy {
namespace {

using namespace std::chrono_literals;

constexpr PartsPerBillion kPercent = kWholeInParts / 100;

TrafficSplit split_of_two(PartsPerBillion second, SplitBy by = SplitBy::request) {
  return {"shop", by, {{1, kWholeInParts - second}, {2, second}}};
}

TrafficSplit split_of_three(std::uint32_t percent_2, std::uint32_t percent_3) {
  return {"shop",
          SplitBy::request,
          {{1, (100 - percent_2 - percent_3) * kPercent},
           {2, percent_2 * kPercent},
           {3, percent_3 * kPercent}}};
}

double share_chosen(VersionChooser& chooser, std::uint32_t version, int requests) {
  int chosen = 0;
  for (int i = 0; i < requests; ++i) {
    chosen += chooser.choose("u" + std::to_string(i)) == version ? 1 : 0;
  }
  return static_cast<double>(chosen) / requests;
}

/// Five standard deviations of a share of `n` draws: a sound chooser leaves it once in two million.
double tolerance(double share, int n) {
  return 5 * std::sqrt(share * (1 - share) / n);
}

TEST(VersionChooser, GivesEachVersionItsShareWhicheverWayItDivides) {
  constexpr int kRequests = 100'000;
  for (const SplitBy by : {SplitBy::request, SplitBy::key}) {
    for (const std::uint32_t percent : {0U, 1U, 5U, 25U, 50U, 99U, 100U}) {
      VersionChooser chooser{split_of_two(percent * kPercent, by), RandomStream{7, "split"}};
      const double share = percent / 100.0;
      EXPECT_NEAR(share_chosen(chooser, 2, kRequests), share, tolerance(share, kRequests))
          << percent << " %";
    }
  }
}

TEST(VersionChooser, FollowsANewSplitAtOnce) {
  constexpr int kRequests = 50'000;
  VersionChooser chooser{split_of_three(0, 0), RandomStream{1, "split"}};
  EXPECT_EQ(share_chosen(chooser, 1, kRequests), 1.0);
  chooser.apply(split_of_three(20, 5));
  EXPECT_NEAR(share_chosen(chooser, 2, kRequests), 0.20, tolerance(0.20, kRequests));
  EXPECT_NEAR(share_chosen(chooser, 3, kRequests), 0.05, tolerance(0.05, kRequests));
  chooser.apply(split_of_three(0, 100));
  EXPECT_EQ(share_chosen(chooser, 3, kRequests), 1.0);
}

TEST(VersionChooser, KeepsEachUserAtOneVersionAndTakesNobodyBackWhileTheShareGrows) {
  constexpr std::uint32_t kUsers = 2000;
  VersionChooser chooser{split_of_two(0, SplitBy::key), RandomStream{1, "split"}};
  std::map<std::uint32_t, std::uint32_t> before;
  for (std::uint32_t percent = 0; percent <= 100; ++percent) {
    chooser.apply(split_of_two(percent * kPercent, SplitBy::key));
    for (std::uint32_t user = 0; user < kUsers; ++user) {
      const std::string key = "u" + std::to_string(user);
      const std::uint32_t version = chooser.choose(key);
      EXPECT_EQ(chooser.choose(key), version);
      EXPECT_GE(version, before[user]) << key << " at " << percent << " %";
      before[user] = version;
    }
  }
}

TEST(VersionChooser, LetsOtherUsersBeTheFirstOfAnotherService) {
  VersionChooser shop{split_of_two(10 * kPercent, SplitBy::key), RandomStream{1, "split"}};
  TrafficSplit other = split_of_two(10 * kPercent, SplitBy::key);
  other.service = "payment";
  VersionChooser payment{other, RandomStream{1, "split"}};
  int both = 0;
  for (int user = 0; user < 20'000; ++user) {
    const std::string key = "u" + std::to_string(user);
    both += shop.choose(key) == 2 && payment.choose(key) == 2 ? 1 : 0;
  }
  EXPECT_NEAR(both / 20'000.0, 0.01, tolerance(0.01, 20'000));
}

TEST(TrafficSplit, IsRefusedUnderTheNameOfAnotherService) {
  config::Update update{1, 2, {{"splits/till", split_document_content(split_of_two(0)), 2}}, {}};
  EXPECT_EQ(split_flaw_of(update), "splits/till: its content is the split of another service");
  update.written.front().name = "splits/shop";
  EXPECT_EQ(split_flaw_of(update), std::nullopt);
}

TEST(TrafficSplit, TravelsWholeAndIsRefusedWhereItCannotBeFollowed) {
  const auto document_of = [](const TrafficSplit& split) {
    return config::Document{split_document_name(split.service), split_document_content(split), 1};
  };
  std::string why_not;
  EXPECT_EQ(split_of(document_of(split_of_two(30 * kPercent)), why_not),
            split_of_two(30 * kPercent));
  TrafficSplit split = split_of_two(30 * kPercent);
  split.shares[0].share -= 1;
  EXPECT_FALSE(split_of(document_of(split), why_not));
  EXPECT_EQ(why_not, "splits/shop: the shares must make up the whole");
  split = split_of_two(30 * kPercent);
  std::swap(split.shares[0], split.shares[1]);
  EXPECT_FALSE(split_of(document_of(split), why_not));
  EXPECT_EQ(why_not, "splits/shop: versions must be positive and ascending");
  EXPECT_FALSE(split_of({"splits/shop", SharedBytes{"x"}, 1}, why_not));
}

TEST(LatencyBuckets, HoldEveryLatencyAndAreNarrow) {
  Duration edge{};
  for (LatencyBucket bucket = 0; bucket < 900; ++bucket) {
    EXPECT_EQ(bucket_of(edge), bucket);
    const Duration next = upper_edge(bucket);
    EXPECT_EQ(bucket_of(next - 1ns), bucket);
    if (edge >= 32us) {
      EXPECT_LE((next - edge) * 32, edge);
    }
    edge = next;
  }
  EXPECT_GT(edge, 60s);
}

TEST(LatencyBuckets, CountAndFindPercentiles) {
  LatencyCounts counts;
  for (int i = 1; i <= 100; ++i) {
    add_to(counts, bucket_of(i * 1ms), 1);
  }
  EXPECT_EQ(total_of(counts), 100U);
  EXPECT_EQ(percentile_of(counts, 99), bucket_of(99ms));
  EXPECT_EQ(percentile_of(counts, 50), bucket_of(50ms));
  EXPECT_EQ(count_above(counts, bucket_of(1ms)), 99U);
}

TEST(VersionChooser, GoesOnWithItsDrawsWhereASplitIsRemovedAndSetAgain) {
  const TrafficSplit split{
      "shop", SplitBy::request, {{1, kWholeInParts / 2}, {2, kWholeInParts / 2}}};
  VersionChooser undisturbed{split, RandomStream{1, "split"}};
  VersionChooser chooser{split, RandomStream{1, "split"}};
  for (int i = 0; i < 300; ++i) {
    if (i % 100 == 50) {
      chooser.suspend();
      EXPECT_EQ(chooser.choose(""), 0U);
      chooser.apply(split);
    }
    ASSERT_EQ(chooser.choose(""), undisturbed.choose("")) << i;
  }
}

}  // namespace
}  // namespace windtunnel::proxy
