// The scheduler's contract in its plainest form: a binary heap of (instant, sequence) and a list of
// what is cancelled. The tests hold the real one against it; it is slow, and it leaves out livelock
// and stop().
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "runtime/instant.hpp"

namespace windtunnel::sim {

class PlainHeapScheduler {
 public:
  using Handle = std::uint64_t;

  [[nodiscard]] TrueInstant now() const { return now_; }

  Handle schedule(TrueInstant at, std::function<void()> callable) {
    const std::uint64_t sequence = sequence_++;
    queue_.push({at, sequence});
    pending_.emplace(sequence, std::move(callable));
    return sequence;
  }

  bool cancel(Handle event) { return pending_.erase(event) == 1; }

  Handle create_timeout(void (*handler)(void*), void* context) {
    timeouts_.push_back({handler, context, std::nullopt});
    return timeouts_.size() - 1;
  }

  void arm(Handle timeout, TrueInstant deadline) {
    disarm(timeout);
    timeouts_[timeout].armed = schedule(deadline, [this, timeout] {
      timeouts_[timeout].armed.reset();
      timeouts_[timeout].handler(timeouts_[timeout].context);
    });
  }

  void disarm(Handle timeout) {
    if (const auto armed = std::exchange(timeouts_[timeout].armed, std::nullopt)) {
      cancel(*armed);
    }
  }

  void destroy(Handle timeout) { disarm(timeout); }

  [[nodiscard]] std::optional<TrueInstant> next_at() {
    while (!queue_.empty() && !pending_.contains(queue_.top().second)) {
      queue_.pop();
    }
    return queue_.empty() ? std::nullopt : std::optional{queue_.top().first};
  }

  bool run_one() {
    const auto next = next_at();
    if (!next) {
      return false;
    }
    const auto callable = std::move(pending_.extract(queue_.top().second).mapped());
    queue_.pop();
    now_ = *next;
    callable();
    return true;
  }

  void run_until(TrueInstant end) {
    for (auto next = next_at(); next && *next <= end; next = next_at()) {
      run_one();
    }
    now_ = end;
  }

  [[nodiscard]] std::size_t pending() const { return pending_.size(); }

 private:
  using Key = std::pair<TrueInstant, std::uint64_t>;
  struct Timeout {
    void (*handler)(void*);
    void* context;
    std::optional<Handle> armed;
  };

  TrueInstant now_{};
  std::uint64_t sequence_ = 0;
  std::priority_queue<Key, std::vector<Key>, std::greater<>> queue_;
  std::map<std::uint64_t, std::function<void()>> pending_;
  std::vector<Timeout> timeouts_;
};

}  // namespace windtunnel::sim
