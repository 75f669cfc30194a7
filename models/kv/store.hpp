// The replicated state machine: keys, values, and the revision at which each was last written. A
// pure value; replication and serving are the Node's.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "models/kv/messages.hpp"

namespace windtunnel::kv {

class Store {
 public:
  /// One key with what is stored under it. Both are views into the command that wrote them.
  struct Entry {
    std::string_view key;
    std::string_view value;
    SharedBytes command;
    std::uint64_t revision = 0;
  };

  /// Applies one committed command; a payload that does not decode changes nothing (and cannot come
  /// from a Node).
  void apply(std::uint64_t revision, const SharedBytes& command);

  [[nodiscard]] const Entry* find(std::string_view key) const;
  /// The status is ok and the leader left open.
  [[nodiscard]] ScanResponse scan(const ScanRequest& request) const;
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  // A B-tree of two levels: entries ascend within a chunk and over the chunks, and no chunk is
  // empty. A map would cost a node per key.
  using Chunk = std::vector<Entry>;
  struct Place {
    std::size_t chunk = 0;
    std::size_t slot = 0;
  };

  /// Where the first entry at or above `key` is, or would be in the chunk that it belongs to.
  [[nodiscard]] Place place_of(std::string_view key) const;
  void split(std::size_t at);

  std::vector<Chunk> chunks_;
  std::size_t size_ = 0;
};

}  // namespace windtunnel::kv
