#include "sim/fact_log.hpp"

#include <algorithm>
#include <cstring>

namespace windtunnel::sim {

Fact FactLog::append(const FreshFact& fact) {
  scratch_.clear();
  ByteWriter out{scratch_};
  fact.type->encode(fact.value, out);
  stored_.push_back({fact.at, fact.host, fact.type, kept(scratch_.view())});
  return stored_.back();
}

void FactLog::forget() {
  constexpr std::size_t kRecentBlocks = 2;
  if (memory_ == FactMemory::all || blocks_.size() < kRecentBlocks) {
    return;
  }
  blocks_.pop_front();
  first_of_block_.pop_front();
  for (; first_ < first_of_block_.front(); ++first_) {
    stored_.pop_front();
  }
}

std::string_view FactLog::kept(std::string_view bytes) {
  constexpr std::size_t kBlockBytes = std::size_t{64} << 10U;
  if (room_ < bytes.size()) {
    forget();
    room_ = std::max(kBlockBytes, bytes.size());
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(room_));
    next_ = blocks_.back().get();
    first_of_block_.push_back(first_ + stored_.size());
  }
  if (bytes.empty()) {
    return {};
  }
  char* const begin = next_;
  std::memcpy(begin, bytes.data(), bytes.size());
  next_ += bytes.size();
  room_ -= bytes.size();
  return {begin, bytes.size()};
}

}  // namespace windtunnel::sim
