#include "models/health/gossip_queue.hpp"

#include <algorithm>

namespace windtunnel::health {

void GossipQueue::add(const Rumor& rumor) {
  std::erase_if(queued_, [&](const Queued& queued) { return queued.rumor.member == rumor.member; });
  queued_.push_back({.rumor = rumor, .transmits = 0, .order = ++added_});
}

void GossipQueue::take(std::size_t count_max, std::uint32_t transmit_limit,
                       std::vector<Rumor>& rumors) {
  std::sort(queued_.begin(), queued_.end(), [](const Queued& left, const Queued& right) {
    return left.transmits != right.transmits ? left.transmits < right.transmits
                                             : left.order > right.order;
  });
  const std::size_t count = std::min(count_max, queued_.size());
  for (std::size_t index = 0; index < count; ++index) {
    rumors.push_back(queued_[index].rumor);
    ++queued_[index].transmits;
  }
  std::erase_if(queued_, [&](const Queued& queued) { return queued.transmits >= transmit_limit; });
}

}  // namespace windtunnel::health
