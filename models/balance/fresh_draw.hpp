// Draws slots that this request has not been to yet.
#pragma once

#include <algorithm>
#include <optional>
#include <span>

#include "models/balance/candidates.hpp"
#include "models/balance/policy.hpp"

namespace windtunnel::balance {

/// A slot from `draw()` that is neither tried nor among `chosen`; absent where there is none.
/// Repeats the draw, which keeps the proportions, and where that meets nobody in 16 draws looks
/// through the neighbours of the last: then most slots are taken, or their shares are minute.
template <typename Draw>
[[nodiscard]] std::optional<Slot> draw_fresh(const Candidates& candidates,
                                             const PickRequest& request,
                                             std::span<const Slot> chosen, Draw&& draw) {
  constexpr int kDrawsMax = 16;
  const auto is_fresh = [&](Slot slot) {
    return std::find(chosen.begin(), chosen.end(), slot) == chosen.end() &&
           !was_tried(request, candidates.id(slot));
  };
  Slot slot = 0;
  for (int draws = 0; draws < kDrawsMax; ++draws) {
    slot = draw();
    if (is_fresh(slot)) {
      return slot;
    }
  }
  for (Slot step = 1; step < candidates.size(); ++step) {
    slot = slot + 1 == candidates.size() ? 0 : slot + 1;
    if (is_fresh(slot)) {
      return slot;
    }
  }
  return std::nullopt;
}

}  // namespace windtunnel::balance
