// Draws slots in exact proportion to their weights, in constant time: Walker's alias method in
// Vose's form (M. D. Vose, "A linear algorithm for generating random numbers with a given
// distribution", 1991), over integers, so that no share is rounded.
#pragma once

#include <cstdint>
#include <vector>

#include "models/balance/candidates.hpp"
#include "runtime/random.hpp"

namespace windtunnel::balance {

class WeightedDraw {
 public:
  /// Linear in the candidates.
  explicit WeightedDraw(const Candidates& candidates);

  /// Precondition: there are candidates. Equal weights take one random number, others two.
  [[nodiscard]] Slot draw(RandomStream& random) const {
    const auto column = static_cast<Slot>(random.below(columns_.size()));
    if (is_uniform_ || random.below(total_weight_) < columns_[column].cut) {
      return column;
    }
    return columns_[column].alias;
  }

  /// How much of the table falls to `slot`: its weight times the number of slots. Linear.
  [[nodiscard]] std::uint64_t parts_of(Slot slot) const;

 private:
  /// The column's own slot takes `cut` of every `total_weight_`, its alias the rest.
  struct Column {
    std::uint64_t cut = 0;
    Slot alias = 0;
  };

  std::vector<Column> columns_;
  std::uint64_t total_weight_;
  bool is_uniform_;
};

}  // namespace windtunnel::balance
