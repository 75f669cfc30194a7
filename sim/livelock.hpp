// Livelock: a world whose time no longer moves. It leaves out what the hosts were doing; the
// journal's tail shows that.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "runtime/instant.hpp"

namespace windtunnel::sim {

/// Thrown before one event too many runs at one instant; that event stays pending.
class Livelock : public std::runtime_error {
 public:
  /// `hosts` are the attributions of the last events, oldest first; the last one is that of the
  /// event refused.
  Livelock(TrueInstant at, std::uint64_t events, std::vector<std::uint32_t> hosts);

  [[nodiscard]] TrueInstant at() const { return at_; }
  /// How many events ran at that instant.
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] const std::vector<std::uint32_t>& hosts() const { return hosts_; }

 private:
  TrueInstant at_;
  std::uint64_t events_;
  std::vector<std::uint32_t> hosts_;
};

}  // namespace windtunnel::sim
