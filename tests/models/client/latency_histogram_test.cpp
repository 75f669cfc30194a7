#include "models/client/latency_histogram.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "models/client/call_recorder.hpp"
#include "runtime/random.hpp"

namespace windtunnel::client {
namespace {

using namespace std::chrono_literals;

std::vector<Duration> spread_values(std::uint64_t seed, std::size_t count) {
  RandomStream random{seed, "values"};
  std::vector<Duration> values;
  for (std::size_t i = 0; i < count; ++i) {
    // All magnitudes alike.
    const std::uint64_t bits = random.below(43);
    values.push_back(
        Duration{static_cast<std::int64_t>(random.below((std::uint64_t{2} << bits) - 1))});
  }
  return values;
}

TEST(LatencyHistogram, QuantilesAreNeverLowAndAtMostOne128thHigh) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    std::vector<Duration> values = spread_values(seed, 2'000);
    LatencyHistogram histogram;
    for (const Duration value : values) {
      histogram.record(value);
    }
    std::sort(values.begin(), values.end());
    for (const double q : {0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const auto rank = std::max(1.0, std::ceil(q * static_cast<double>(values.size())));
      const Duration exact = values[static_cast<std::size_t>(rank) - 1];
      const Duration told = histogram.quantile(q);
      ASSERT_GE(told, exact) << seed << ' ' << q;
      ASSERT_LE(static_cast<double>(told.count()),
                static_cast<double>(exact.count()) * (1 + 1.0 / 128))
          << seed << ' ' << q;
    }
    EXPECT_EQ(histogram.max(), values.back());
    EXPECT_EQ(histogram.min(), values.front());
  }
}

TEST(LatencyHistogram, MergingIsRecordingTogether) {
  LatencyHistogram all;
  LatencyHistogram parts[3];
  const auto values = spread_values(3, 3'000);
  for (std::size_t i = 0; i < values.size(); ++i) {
    all.record(values[i]);
    parts[i % 3].record(values[i]);
  }
  LatencyHistogram merged;
  for (const LatencyHistogram& part : parts) {
    merged.merge(part);
  }
  EXPECT_EQ(merged, all);
}

TEST(LatencyHistogram, BoundsWhatItCannotHold) {
  LatencyHistogram histogram;
  histogram.record(-5ns);
  histogram.record(48h);
  EXPECT_EQ(histogram.min(), 0ns);
  EXPECT_EQ(histogram.max().count(), (std::int64_t{1} << 43) - 1);
  EXPECT_EQ(histogram.quantile(1), histogram.max());
}

TEST(LatencyHistogram, OfNothingIsZeroEverywhere) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.quantile(0.99), 0ns);
  EXPECT_EQ(histogram.mean(), 0ns);
  histogram.record(3ms);
  histogram.clear();
  EXPECT_EQ(histogram, LatencyHistogram{});
}

CallRecord record(Duration due, Duration ended, service::CallOutcome outcome) {
  CallRecord made;
  made.due = Instant{due};
  made.ended = Instant{ended};
  made.outcome = outcome;
  made.attempts = 1;
  return made;
}

TEST(CallRecorder, CountsCallsWhereTheyWereDueAndWhereTheyEnded) {
  CallRecorder recorder{Instant{1s}};
  recorder.begin(Instant{1050ms});
  recorder.begin(Instant{1199ms});
  recorder.end(record(1050ms, 1250ms, service::CallOutcome::ok));
  recorder.end(record(1199ms, 2199ms, service::CallOutcome::timed_out));
  ASSERT_EQ(recorder.windows().size(), 12U);
  EXPECT_EQ(recorder.windows()[0].due, 1U);
  EXPECT_EQ(recorder.windows()[1].due, 1U);
  EXPECT_EQ(recorder.windows()[2].of(service::CallOutcome::ok), 1U);
  EXPECT_EQ(recorder.windows()[11].of(service::CallOutcome::timed_out), 1U);
  EXPECT_EQ(recorder.ok_latencies().max(), 200ms);
  EXPECT_EQ(recorder.latencies().max(), 1s);
  EXPECT_EQ(recorder.total(100ms, 300ms).due, 1U);
}

TEST(CallRecorder, MergingIsRecordingTogether) {
  RandomStream random{1, "records"};
  CallRecorder all{Instant{}};
  CallRecorder left{Instant{}};
  CallRecorder right{Instant{}};
  for (int i = 0; i < 1'000; ++i) {
    const Duration due = random.uniform(0s, 10s);
    const CallRecord one = record(due, due + random.uniform(0s, 3s),
                                  static_cast<service::CallOutcome>(random.below(7)));
    for (CallRecorder* recorder : {&all, i % 2 == 0 ? &left : &right}) {
      recorder->begin(one.due);
      recorder->end(one);
    }
  }
  left.merge(right);
  EXPECT_EQ(left.windows(), all.windows());
  EXPECT_EQ(left.latencies(), all.latencies());
  EXPECT_EQ(left.ok_latencies(), all.ok_latencies());
  EXPECT_EQ(left.attempts(), all.attempts());
}

}  // namespace
}  // namespace windtunnel::client
