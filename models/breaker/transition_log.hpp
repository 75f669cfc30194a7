// The transitions that nobody has taken yet: a small ring, so that a breaker whose owner never
// looks costs no memory.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "models/breaker/transition.hpp"

namespace windtunnel::breaker {

class TransitionLog {
 public:
  static constexpr std::size_t kCapacity = 16;

  void add(const Transition& transition) {
    if (size_ == kCapacity) {
      first_ = (first_ + 1) % kCapacity;
      --size_;
      ++lost_;
    }
    ring_[(first_ + size_) % kCapacity] = transition;
    ++size_;
  }

  /// Oldest first.
  [[nodiscard]] std::optional<Transition> take() {
    if (size_ == 0) {
      return std::nullopt;
    }
    const Transition& oldest = ring_[first_];
    first_ = (first_ + 1) % kCapacity;
    --size_;
    return oldest;
  }

  /// How many were overwritten before anyone took them.
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

 private:
  std::array<Transition, kCapacity> ring_{};
  std::size_t first_ = 0;
  std::size_t size_ = 0;
  std::uint64_t lost_ = 0;
};

}  // namespace windtunnel::breaker
