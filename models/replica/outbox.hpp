// The operations that a replica accepted and that some peer may not have seen: kept for peers that
// are out of reach (hinted handoff), up to a number; the oldest go first, and are left to repairs.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "models/replica/operation.hpp"
#include "models/replica/stability.hpp"

namespace windtunnel::replica {

class Outbox {
 public:
  explicit Outbox(std::size_t operations_max) : operations_max_(operations_max) {}

  /// In the order in which they were accepted. Returns how many others had to go.
  std::size_t add(Operation operation);
  /// The first `limit` that are not in `seen`.
  [[nodiscard]] std::vector<Operation> unseen(const CausalContext& seen, std::size_t limit) const;
  /// Drops from the front what everybody has seen.
  void trim(const Stability& stability);

  [[nodiscard]] std::size_t size() const { return operations_.size(); }

 private:
  std::size_t operations_max_;
  std::deque<Operation> operations_;  ///< With consecutive numbers.
};

}  // namespace windtunnel::replica
