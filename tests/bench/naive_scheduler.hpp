// The event queue that anyone would write first: a binary heap of (instant, sequence,
// std::function). It is the baseline that the scheduler's speed is quoted against, and nothing runs
// on it.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "runtime/instant.hpp"

namespace windtunnel::bench {

class NaiveScheduler {
 public:
  [[nodiscard]] TrueInstant now() const { return now_; }

  template <typename F>
  void schedule(TrueInstant at, F&& callable) {
    queue_.push({at, sequence_++, std::forward<F>(callable)});
  }

  bool run_one() {
    if (queue_.empty()) {
      return false;
    }
    // top() is const; moving out of what is popped next saves the naive queue a copy of the
    // function.
    Event event = std::move(const_cast<Event&>(queue_.top()));
    queue_.pop();
    now_ = event.at;
    event.callable();
    return true;
  }

  [[nodiscard]] std::size_t pending() const { return queue_.size(); }

 private:
  struct Event {
    TrueInstant at;
    std::uint64_t sequence;
    std::function<void()> callable;

    friend bool operator>(const Event& left, const Event& right) {
      return left.at > right.at || (left.at == right.at && left.sequence > right.sequence);
    }
  };

  std::priority_queue<Event, std::vector<Event>, std::greater<>> queue_;
  std::uint64_t sequence_ = 0;
  TrueInstant now_{};
};

}  // namespace windtunnel::bench
