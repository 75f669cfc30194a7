// What every replica has seen, as far as this one was told, and with it when a deletion may be
// forgotten: once no write that it wins over can come any more. Every other replica has reported
// that it has seen the deletion and stamps later writes above it, and all that it had accepted
// until then has arrived here.
#pragma once

#include <cstdint>
#include <vector>

#include "models/replica/causal_context.hpp"
#include "models/replica/lww_map.hpp"

namespace windtunnel::replica {

class Stability {
 public:
  Stability(ReplicaId self, std::uint32_t replicas) : self_(self), reports_(replicas) {}

  /// `from` itself says that it has seen so much, and that its later operations are stamped above
  /// `clock`. Ignored where it has said more already.
  void report(ReplicaId from, const CausalContext& seen, const HybridTime& clock);

  /// What `from` has said last.
  [[nodiscard]] const CausalContext& seen_by(ReplicaId from) const {
    return reports_[from.value()].seen;
  }

  [[nodiscard]] bool is_everywhere(const Dot& dot) const;
  [[nodiscard]] bool is_stable(const Register& tombstone, const CausalContext& seen_here,
                               const HybridTime& clock_here) const;

 private:
  struct Report {
    CausalContext seen;
    HybridTime clock{WallInstant::min(), 0};
  };

  ReplicaId self_;
  std::vector<Report> reports_;
};

}  // namespace windtunnel::replica
