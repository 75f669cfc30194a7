// A counter that any replica raises and lowers (Shapiro et al., "A comprehensive study of
// convergent and commutative replicated data types", 2011): every replica counts its own raises and
// drops, and of two reports of one replica the greater is the later.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>

#include "models/replica/dot.hpp"

namespace windtunnel::replica {

class PnCounter {
 public:
  /// Of a replica's own counter only.
  void raise(ReplicaId self, std::uint64_t by) { counts_[self].raised += by; }
  void lower(ReplicaId self, std::uint64_t by) { counts_[self].lowered += by; }

  void join(const PnCounter& other) {
    for (const auto& [replica, theirs] : other.counts_) {
      Count& mine = counts_[replica];
      mine = {std::max(mine.raised, theirs.raised), std::max(mine.lowered, theirs.lowered)};
    }
  }

  [[nodiscard]] std::int64_t value() const {
    std::uint64_t sum = 0;
    for (const auto& [replica, count] : counts_) {
      sum += count.raised - count.lowered;
    }
    return static_cast<std::int64_t>(sum);
  }

  friend bool operator==(const PnCounter&, const PnCounter&) = default;

 private:
  struct Count {
    std::uint64_t raised = 0;
    std::uint64_t lowered = 0;
    friend bool operator==(const Count&, const Count&) = default;
  };

  std::map<ReplicaId, Count> counts_;
};

}  // namespace windtunnel::replica
