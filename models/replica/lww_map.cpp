#include "models/replica/lww_map.hpp"

#include <tuple>

#include "runtime/check.hpp"

namespace windtunnel::replica {

bool wins(const Register& left, const Register& right) {
  return std::tie(left.time, left.dot.replica) > std::tie(right.time, right.dot.replica);
}

bool LwwMap::apply(std::string_view key, const Register& write) {
  auto place = entries_.find(key);
  if (place == entries_.end()) {
    place = entries_.emplace(key, write).first;
  } else if (wins(write, place->second)) {
    place->second = write;
  } else {
    return false;
  }
  if (write.is_tombstone()) {
    tombstones_.emplace(key);
  } else if (const auto before = tombstones_.find(key); before != tombstones_.end()) {
    tombstones_.erase(before);
  }
  return true;
}

const Register* LwwMap::find(std::string_view key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

void LwwMap::collect(std::string_view key) {
  const auto found = entries_.find(key);
  check(found != entries_.end() && found->second.is_tombstone(), "only tombstones are collected");
  tombstones_.erase(found->first);
  entries_.erase(found);
}

}  // namespace windtunnel::replica
