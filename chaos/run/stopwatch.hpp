// Real time spent, for reports of speed and for progress. The only clock in chaos/; nothing that a
// run decides may depend on it.
#pragma once

#include <chrono>

namespace windtunnel::chaos {

class Stopwatch {
 public:
  /// Real seconds since construction.
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace windtunnel::chaos
