// A map of registers in which the last writer wins: of two writes to one key, the one with the
// greater timestamp stays, and of two equal timestamps the one of the greater replica. Deletions
// are writes of nothing, and stay as tombstones until somebody who knows that no older write can
// come any more collects them.
//
// It converges, and it forgets: of writes that did not know of each other one is lost.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include "models/replica/dot.hpp"
#include "models/replica/hybrid_clock.hpp"

namespace windtunnel::replica {

/// One write. A tombstone has no value.
struct Register {
  Dot dot{};
  HybridTime time{};
  std::optional<std::string> value{};

  [[nodiscard]] bool is_tombstone() const { return !value.has_value(); }
  friend bool operator==(const Register&, const Register&) = default;
};
BOOST_DESCRIBE_STRUCT(Register, (), (dot, time, value))

/// Whether `left` wins over `right`. Total on the writes of replicas whose own timestamps ascend.
[[nodiscard]] bool wins(const Register& left, const Register& right);

class LwwMap {
 public:
  /// False where the write lost to the one that is there, or was there already.
  bool apply(std::string_view key, const Register& write);

  /// Null where there is nothing, not even a tombstone.
  [[nodiscard]] const Register* find(std::string_view key) const;

  /// Tombstones included, by key.
  [[nodiscard]] const std::map<std::string, Register, std::less<>>& entries() const {
    return entries_;
  }
  /// The keys of tombstones, ascending.
  [[nodiscard]] const std::set<std::string, std::less<>>& tombstones() const { return tombstones_; }

  /// Forgets the key. Precondition: its write is a tombstone.
  void collect(std::string_view key);

 private:
  std::map<std::string, Register, std::less<>> entries_;
  std::set<std::string, std::less<>> tombstones_;
};

}  // namespace windtunnel::replica
