// The recent past that a breaker judges by: the last N calls, or the calls of the last stretch of
// time.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "models/breaker/bucketed_sum.hpp"
#include "models/breaker/outcome.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::breaker {

/// The last `size` calls, however long ago they ended (resilience4j COUNT_BASED).
struct CountWindowOptions {
  std::uint32_t size = 100;
};

/// `bucket_count` buckets of `bucket_length` each. One bucket alone is a tumbling window, which
/// forgets everything at each boundary and so misses a burst that straddles one (Sentinel's
/// default); many are a sliding one.
struct TimeWindowOptions {
  Duration bucket_length = std::chrono::seconds{1};
  std::uint32_t bucket_count = 10;
};

using WindowOptions = std::variant<CountWindowOptions, TimeWindowOptions>;

class CountWindow {
 public:
  explicit CountWindow(const CountWindowOptions& options);

  void record(Instant now, CallSample sample);
  [[nodiscard]] const CallCounts& counts(Instant now);
  void clear();

 private:
  std::vector<CallSample> samples_;  ///< A ring; those in use end before `next_`.
  std::size_t next_ = 0;
  CallCounts counts_;
};

class TimeWindow {
 public:
  explicit TimeWindow(const TimeWindowOptions& options);

  void record(Instant now, CallSample sample) { sums_.add(now, counts_of(sample)); }
  [[nodiscard]] const CallCounts& counts(Instant now) { return sums_.total(now); }
  void clear() { sums_.clear(); }

 private:
  BucketedSum<CallCounts> sums_;
};

/// Either window behind one set of verbs. Recording and counting are O(1) and do not allocate.
class OutcomeWindow {
 public:
  explicit OutcomeWindow(const WindowOptions& options);

  void record(Instant now, CallSample sample);
  /// What the window holds at `now`. Valid until the next call.
  [[nodiscard]] const CallCounts& counts(Instant now);
  void clear();

 private:
  std::variant<CountWindow, TimeWindow> window_;
};

}  // namespace windtunnel::breaker
