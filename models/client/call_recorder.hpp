// Keeps what a load reports in little memory: latencies as histograms, counts by windows of time.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/client/call_record.hpp"
#include "models/client/latency_histogram.hpp"

namespace windtunnel::client {

/// The calls of one window: by when they were due, and by when they ended.
struct CallWindow {
  std::uint32_t due = 0;
  std::array<std::uint32_t, service::kCallOutcomes> ended{};

  [[nodiscard]] std::uint32_t of(service::CallOutcome outcome) const {
    return ended[static_cast<std::size_t>(outcome)];
  }
  friend bool operator==(const CallWindow&, const CallWindow&) = default;
};

struct RecorderOptions {
  Duration window = std::chrono::milliseconds{100};
  Duration reserved = std::chrono::minutes{10};  ///< Memory is there from the start for so long.
};

/// 32 bytes a window: 1.2 MB for an hour of 100 ms.
class CallRecorder final : public CallSink {
 public:
  /// Windows count from `start`; what ends before it belongs to the first.
  explicit CallRecorder(Instant start, RecorderOptions options = {});

  std::uint64_t begin(Instant due) override;
  void end(const CallRecord& record) override;
  /// As if everything recorded there had been recorded here. Both must have the same start and
  /// windows.
  void merge(const CallRecorder& other);

  [[nodiscard]] Duration window() const { return options_.window; }
  [[nodiscard]] const std::vector<CallWindow>& windows() const { return windows_; }
  /// The sum of the windows that begin in [from, to), since the start.
  [[nodiscard]] CallWindow total(Duration from = {}, Duration to = Duration::max()) const;

  /// Of calls that ended well, and of all calls.
  [[nodiscard]] const LatencyHistogram& ok_latencies() const { return ok_latencies_; }
  [[nodiscard]] const LatencyHistogram& latencies() const { return latencies_; }
  [[nodiscard]] std::uint64_t attempts() const { return attempts_; }

 private:
  [[nodiscard]] CallWindow& window_at(Instant instant);

  Instant start_;
  RecorderOptions options_;
  std::vector<CallWindow> windows_;
  LatencyHistogram ok_latencies_;
  LatencyHistogram latencies_;
  std::uint64_t attempts_ = 0;
};

}  // namespace windtunnel::client
