// A run that ended in a mistake of our own, with what one needs to look into it.
#pragma once

#include <stdexcept>
#include <string>

namespace windtunnel::chaos {

/// what() has several lines: the mistake, the seed and virtual time, and the last facts of the
/// journal.
class RunFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace windtunnel::chaos
