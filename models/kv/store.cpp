#include "models/kv/store.hpp"

#include <algorithm>
#include <utility>

#include "runtime/codec.hpp"

namespace windtunnel::kv {

namespace {

constexpr std::size_t kChunkEntries = 256;

}  // namespace

void Store::apply(std::uint64_t revision, const SharedBytes& command) {
  const auto decoded_command = decoded<Command>(command.view());
  if (!decoded_command) {
    return;
  }
  const std::string_view key = decoded_command->key;
  Entry entry{key, decoded_command->value, command, revision};
  // Keys that are made in order sort last: one comparison finds their place, and full chunks stay
  // full.
  if (chunks_.empty() || chunks_.back().back().key < key) {
    if (chunks_.empty() || chunks_.back().size() == kChunkEntries) {
      chunks_.emplace_back().reserve(kChunkEntries);
    }
    chunks_.back().push_back(std::move(entry));
    ++size_;
    return;
  }
  const Place place = place_of(key);
  Chunk& chunk = chunks_[place.chunk];
  if (place.slot < chunk.size() && chunk[place.slot].key == key) {
    chunk[place.slot] = std::move(entry);
    return;
  }
  chunk.insert(chunk.begin() + static_cast<std::ptrdiff_t>(place.slot), std::move(entry));
  ++size_;
  if (chunk.size() > kChunkEntries) {
    split(place.chunk);
  }
}

Store::Place Store::place_of(std::string_view key) const {
  // The last chunk that begins at or before the key.
  const auto after = std::upper_bound(
      chunks_.begin(), chunks_.end(), key,
      [](std::string_view k, const Chunk& chunk) { return k < chunk.front().key; });
  const auto chunk = after == chunks_.begin() ? after : std::prev(after);
  if (chunk == chunks_.end()) {
    return {};
  }
  const auto slot =
      std::lower_bound(chunk->begin(), chunk->end(), key,
                       [](const Entry& entry, std::string_view k) { return entry.key < k; });
  return {static_cast<std::size_t>(chunk - chunks_.begin()),
          static_cast<std::size_t>(slot - chunk->begin())};
}

void Store::split(std::size_t at) {
  Chunk upper;
  upper.reserve(kChunkEntries);
  Chunk& lower = chunks_[at];
  const auto middle = lower.begin() + static_cast<std::ptrdiff_t>(lower.size() / 2);
  upper.assign(std::move_iterator{middle}, std::move_iterator{lower.end()});
  lower.erase(middle, lower.end());
  chunks_.insert(chunks_.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(upper));
}

const Store::Entry* Store::find(std::string_view key) const {
  const Place place = place_of(key);
  if (place.chunk == chunks_.size() || place.slot == chunks_[place.chunk].size()) {
    return nullptr;
  }
  const Entry& entry = chunks_[place.chunk][place.slot];
  return entry.key == key ? &entry : nullptr;
}

ScanResponse Store::scan(const ScanRequest& request) const {
  ScanResponse response;
  response.status = Status::ok;
  Place place = place_of(request.from);
  for (; place.chunk < chunks_.size(); ++place.chunk, place.slot = 0) {
    const Chunk& chunk = chunks_[place.chunk];
    for (; place.slot < chunk.size(); ++place.slot) {
      if (response.found.size() == request.limit) {
        response.has_more = true;
        return response;
      }
      const Entry& entry = chunk[place.slot];
      response.found.push_back(
          {std::string{entry.key},
           request.keys_only ? SharedBytes{} : entry.command.slice(entry.value), entry.revision});
    }
  }
  return response;
}

}  // namespace windtunnel::kv
