#include "models/balance/weighted_draw.hpp"

namespace windtunnel::balance {

// n columns of height W, the sum of weights; a slot brings n times its weight. Slots that bring
// less than a column are filled up from those that bring more.
WeightedDraw::WeightedDraw(const Candidates& candidates)
    : columns_(candidates.size()),
      total_weight_(candidates.total_weight()),
      is_uniform_(candidates.have_equal_weights()) {
  std::vector<std::uint64_t> brought(candidates.size());
  std::vector<Slot> poor;
  std::vector<Slot> rich;
  for (Slot slot = 0; slot < candidates.size(); ++slot) {
    brought[slot] = std::uint64_t{candidates.weight(slot)} * candidates.size();
    (brought[slot] < total_weight_ ? poor : rich).push_back(slot);
  }
  while (!poor.empty()) {
    const Slot taker = poor.back();
    const Slot giver = rich.back();
    poor.pop_back();
    columns_[taker] = {brought[taker], giver};
    brought[giver] -= total_weight_ - brought[taker];
    if (brought[giver] < total_weight_) {
      rich.pop_back();
      poor.push_back(giver);
    }
  }
  for (const Slot slot : rich) {
    columns_[slot] = {total_weight_, slot};
  }
}

std::uint64_t WeightedDraw::parts_of(Slot slot) const {
  std::uint64_t parts = columns_[slot].cut;
  for (const Column& column : columns_) {
    parts += column.alias == slot ? total_weight_ - column.cut : 0;
  }
  return parts;
}

}  // namespace windtunnel::balance
