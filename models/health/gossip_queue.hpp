// Rumors on their way: each is sent a limited number of times, those sent least go first, and news
// about a member replaces what was queued about it (memberlist 0.5, queue.go).
#pragma once

#include <cstdint>
#include <vector>

#include "models/health/swim_message.hpp"

namespace windtunnel::health {

class GossipQueue {
 public:
  void add(const Rumor& rumor);

  /// Appends up to `count_max` rumors to a message's, and forgets those that have now been sent
  /// `transmit_limit` times. Of those sent equally often the newest goes first.
  void take(std::size_t count_max, std::uint32_t transmit_limit, std::vector<Rumor>& rumors);

  [[nodiscard]] bool is_empty() const { return queued_.empty(); }

 private:
  struct Queued {
    Rumor rumor;
    std::uint32_t transmits = 0;
    std::uint64_t order = 0;
  };

  std::vector<Queued> queued_;
  std::uint64_t added_ = 0;
};

}  // namespace windtunnel::health
