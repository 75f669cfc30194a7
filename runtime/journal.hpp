// Facts that components state about themselves, in the past tense: LeaderElected, BreakerOpened.
// Stating one costs little and decides nothing; measures and checks are computed from them
// afterwards.
#pragma once

#include "runtime/payload.hpp"

namespace windtunnel {

class Journal {
 public:
  Journal() = default;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  virtual ~Journal() = default;

  /// Records `fact` at this instant, for this host.
  template <Named Fact>
  void record(const Fact& fact) {
    append(description_of<Fact>(), &fact);
  }

  /// `fact` points to a value of the described type and is not kept.
  virtual void append(const TypeDescription& type, const void* fact) = 0;
};

}  // namespace windtunnel
