// Where the alarms of all hosts live: close together, since the alarms that messages move are among
// the memory that large worlds touch most.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "runtime/instant.hpp"
#include "sim/scheduler.hpp"

namespace windtunnel::sim {

class SimulatedHost;

/// One cache line; an AlarmId is its address, so that an alarm is found without a search.
struct alignas(64) Alarm {
  SimulatedHost* host = nullptr;
  TimeoutId timeout;
  void (*handler)(void*) = nullptr;
  void* context = nullptr;
  Instant deadline{};
  bool is_deferred = false;  ///< It passed while the host was paused, and has not run yet.
};

/// Hands out alarms that stay where they are for as long as the pool does.
class AlarmPool {
 public:
  [[nodiscard]] Alarm& add() {
    if (used_ == kBlockAlarms) {
      blocks_.push_back(std::make_unique<Block>());
      used_ = 0;
    }
    return (*blocks_.back())[used_++];
  }

 private:
  static constexpr std::size_t kBlockAlarms = 512;
  using Block = std::array<Alarm, kBlockAlarms>;

  std::vector<std::unique_ptr<Block>> blocks_;
  std::size_t used_ = kBlockAlarms;  // Of the last block.
};

}  // namespace windtunnel::sim
