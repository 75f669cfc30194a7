// The alarms of one live host: a heap of deadlines over a single steady_timer. Moving a deadline
// later is a store; its old place in the heap is corrected when it comes up.
#pragma once

#include <cstdint>
#include <deque>
#include <queue>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "live/lifetime.hpp"
#include "runtime/host.hpp"

namespace windtunnel::live {

class AlarmQueue {
 public:
  explicit AlarmQueue(asio::io_context& context);

  /// Nanoseconds of the monotonic clock since this queue was made.
  [[nodiscard]] Instant now() const;

  [[nodiscard]] AlarmId create(void (*handler)(void*), void* context);
  void set(AlarmId alarm, Instant deadline);
  void clear(AlarmId alarm);
  void destroy(AlarmId alarm);

 private:
  using Clock = std::chrono::steady_clock;

  struct Alarm {
    void (*handler)(void*) = nullptr;
    void* context = nullptr;
    Instant deadline{};
    bool is_armed = false;
    /// Where the alarm's one valid entry in the heap stands; entries of other versions are stale.
    bool is_queued = false;
    Instant queued_at{};
    std::uint32_t version = 0;
  };

  struct Entry {
    Instant at;
    std::uint64_t sequence;
    std::uint32_t alarm;
    std::uint32_t version;
    friend bool operator>(const Entry& a, const Entry& b) {
      return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
    }
  };

  void push(std::uint32_t index);
  void wait_for_first();
  void run_due();
  void run_first();

  asio::steady_timer timer_;
  Clock::time_point origin_;
  std::deque<Alarm> alarms_;
  std::vector<std::uint32_t> free_;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap_;
  std::uint64_t next_sequence_ = 0;
  bool is_running_ = false;
  Instant turn_{};
  bool is_waiting_ = false;
  Instant waiting_until_{};
  Lifetime lifetime_;
};

}  // namespace windtunnel::live
