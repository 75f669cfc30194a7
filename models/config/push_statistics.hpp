// What pushing configuration costs and how long it takes, stage by stage.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <boost/describe/class.hpp>

#include "runtime/instant.hpp"

namespace windtunnel::config {

struct PushCounters {
  std::uint64_t changes = 0;
  std::uint64_t debounced = 0;  ///< Versions that became the one to push.
  std::uint64_t pushes = 0;
  std::uint64_t passed_over = 0;  ///< Not sent, since they would have brought nothing.
  std::uint64_t merged =
      0;  ///< Versions that a subscriber was not sent, as a later one came first.
  std::uint64_t acknowledged = 0;
  std::uint64_t rejected = 0;
  std::uint64_t unanswered = 0;
  std::uint64_t forgotten = 0;
  std::uint64_t stale = 0;  ///< Answers to pushes that had been given up.
};

/// Times counted in the buckets of Istio's pilot_proxy_convergence_time.
class ConvergenceHistogram {
 public:
  static constexpr std::array<Duration, 8> kBounds = {
      std::chrono::milliseconds{100}, std::chrono::milliseconds{500}, std::chrono::seconds{1},
      std::chrono::seconds{3},        std::chrono::seconds{5},        std::chrono::seconds{10},
      std::chrono::seconds{20},       std::chrono::seconds{30}};

  void add(Duration time) {
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && time > kBounds[bucket]) {
      ++bucket;
    }
    ++counts_[bucket];
  }
  /// Times in (bounds[bucket - 1], bounds[bucket]]; the last bucket has no upper bound.
  [[nodiscard]] std::uint64_t count(std::size_t bucket) const { return counts_.at(bucket); }

 private:
  std::array<std::uint64_t, kBounds.size() + 1> counts_{};
};

/// One stage over many pushes.
struct StageTime {
  std::uint64_t count = 0;
  Duration total{};
  Duration longest{};

  void add(Duration time) {
    ++count;
    total += time;
    longest = time > longest ? time : longest;
  }
};

struct PushStatistics {
  StageTime debounce;
  StageTime queue;
  StageTime push;
  StageTime convergence;
  ConvergenceHistogram histogram;
};

}  // namespace windtunnel::config
