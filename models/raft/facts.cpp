#include "models/raft/facts.hpp"

#include <xxhash.h>

namespace windtunnel::raft {

std::uint64_t checksum_of(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace windtunnel::raft
