// How long a suspect has to contradict before it is declared dead: long as long as one member
// suspects it, shorter with everyone who confirms. Lifeguard (Dadgar, Phillips, Currey,
// arXiv:1707.00788, "LHA-Suspicion"), as memberlist 0.5 does it (suspicion.go).
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/id.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::health {

/// max − log(c + 1)/log(k + 1) · (max − min) after c of k expected confirmations, cut to whole
/// milliseconds and never below `shortest`; with none expected `shortest`.
[[nodiscard]] Duration suspicion_time(std::uint32_t confirmations, std::uint32_t expected,
                                      Duration shortest, Duration longest);

class Suspicion {
 public:
  /// `from` has raised it, and cannot confirm it.
  Suspicion(Instant start, HostId from, std::uint32_t expected, Duration shortest,
            Duration longest);

  /// Whether this is news: the first confirmation by this member, and not more than expected.
  bool confirm(HostId from);

  /// May lie in the past after a confirmation; then it is due at once.
  [[nodiscard]] Instant deadline() const;
  [[nodiscard]] std::uint32_t confirmations() const {
    return static_cast<std::uint32_t>(accusers_.size()) - 1;
  }

 private:
  Instant start_;
  std::uint32_t expected_;
  Duration shortest_;
  Duration longest_;
  std::vector<HostId> accusers_;
};

}  // namespace windtunnel::health
