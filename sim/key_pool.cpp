#include "sim/key_pool.hpp"

namespace windtunnel::sim {

namespace {

constexpr std::size_t kChunksPerHugePage = kHugePageBytes / sizeof(KeyChunk);

}  // namespace

void KeyPool::grow() {
  // A small world is not to pay for a huge page.
  constexpr std::size_t kBlockChunks = 32;
  if (chunk_count_ < kChunksPerHugePage) {
    // Not make_unique: it would touch every page by zeroing it.
    blocks_.emplace_back(new KeyChunk[kBlockChunks]);
    add(blocks_.back().get(), kBlockChunks);
  } else {
    pages_.push_back(make_huge_page());
    add(reinterpret_cast<KeyChunk*>(pages_.back().get()), kChunksPerHugePage);
  }
}

void KeyPool::add(KeyChunk* chunks, std::size_t count) {
  chunk_count_ += count;
  for (std::size_t index = count; index > 0; --index) {
    release(::new (static_cast<void*>(chunks + (index - 1))) KeyChunk);
  }
}

}  // namespace windtunnel::sim
