// The replicated state machine: keys, values, and the revision at which each was last written. A
// pure value; replication and serving are the Node's.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "models/kv/messages.hpp"

namespace windtunnel::kv {

class Store {
 public:
  /// What is stored under a key. Key and value are views into the command that wrote them.
  struct Entry {
    SharedBytes command;
    std::string_view value;
    std::uint64_t revision = 0;
  };

  /// Applies one committed command; a payload that does not decode changes nothing (and cannot come
  /// from a Node).
  void apply(std::uint64_t revision, const SharedBytes& command);

  [[nodiscard]] const Entry* find(std::string_view key) const;
  /// The status is ok and the leader left open.
  [[nodiscard]] ScanResponse scan(std::string_view from, std::uint32_t limit) const;
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  std::map<std::string_view, Entry> entries_;
};

}  // namespace windtunnel::kv
