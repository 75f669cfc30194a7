#include "models/balance/xx_hash.hpp"

#include <xxhash.h>

namespace windtunnel::balance {

std::uint64_t xx_hash64(std::string_view bytes, std::uint64_t seed) {
  return XXH64(bytes.data(), bytes.size(), seed);
}

}  // namespace windtunnel::balance
