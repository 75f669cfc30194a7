#include "sim/key_pool.hpp"

namespace windtunnel::sim {

void KeyPool::grow(std::size_t chunks) {
  // Not make_unique: it would touch every page by zeroing it.
  blocks_.emplace_back(new KeyChunk[chunks]);
  KeyChunk* const block = blocks_.back().get();
  chunk_count_ += chunks;
  for (std::size_t index = chunks; index > 0; --index) {
    release(block + (index - 1));
  }
}

}  // namespace windtunnel::sim
