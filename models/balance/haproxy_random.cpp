#include "models/balance/haproxy_random.hpp"

#include <algorithm>

#include "models/balance/haproxy_weight.hpp"

namespace windtunnel::balance {
namespace {

// HAProxy's full_hash: one of Bob Jenkins' integer hashes (burtleburtle.net/bob/hash/integer.html)
// and a multiplication.
constexpr std::uint32_t spread(std::uint32_t a) {
  a = (a + 0x7ed55d16) + (a << 12);
  a = (a ^ 0xc761c23c) ^ (a >> 19);
  a = (a + 0x165667b1) + (a << 5);
  a = (a + 0xd3a2646c) ^ (a << 9);
  a = (a + 0xfd7046c5) + (a << 3);
  a = (a ^ 0xb55a4f09) ^ (a >> 16);
  return a * 3221225473U;
}

}  // namespace

// HAProxy numbers its servers from 1, which makes the ring independent of addresses and names.
HaproxyRandom::HaproxyRandom(HaproxyRandomSpec spec, const PolicyInput& input)
    : spec_(spec), candidates_(input.endpoints), loads_(input.loads), random_(input.random) {
  check(spec.draws > 0, "at least one server is drawn");
  for (Slot slot = 0; slot < candidates_.size(); ++slot) {
    const std::uint32_t number = candidates_.id(slot).value() + 1;
    for (std::uint32_t point = 0; point < haproxy_weight(candidates_[slot]); ++point) {
      ring_.push_back({spread(number * kHaproxyWeightMax + point), slot});
    }
  }
  std::stable_sort(ring_.begin(), ring_.end(),
                   [](const Point& left, const Point& right) { return left.key < right.key; });
}

std::optional<EndpointId> HaproxyRandom::pick(Instant /*now*/, const PickRequest& request) {
  if (candidates_.empty()) {
    return std::nullopt;
  }
  Slot best = draw(request);
  for (std::uint32_t draws = 1; draws < spec_.draws; ++draws) {
    const Slot previous = best;
    best = draw(request);
    if (previous != best && is_more_loaded(best, previous)) {
      best = previous;
    }
  }
  return candidates_.id(best);
}

// Goes on along the ring past servers that were tried; where all were, the first stays.
Slot HaproxyRandom::draw(const PickRequest& request) {
  const std::size_t first = nearest_point(static_cast<std::uint32_t>(random_.next() >> 32));
  for (std::size_t step = 0; step < ring_.size(); ++step) {
    const Point& point = ring_[(first + step) % ring_.size()];
    if (!was_tried(request, candidates_.id(point.slot))) {
      return point.slot;
    }
  }
  return ring_[first].slot;
}

// Distances wrap around with the 32-bit circle; at equal distances the point before wins.
std::size_t HaproxyRandom::nearest_point(std::uint32_t hash) const {
  const auto at_or_after =
      std::lower_bound(ring_.begin(), ring_.end(), hash,
                       [](const Point& point, std::uint32_t key) { return point.key < key; });
  const std::size_t next =
      at_or_after == ring_.end() ? 0 : static_cast<std::size_t>(at_or_after - ring_.begin());
  const std::size_t previous = next == 0 ? ring_.size() - 1 : next - 1;
  return hash - ring_[previous].key <= ring_[next].key - hash ? previous : next;
}

bool HaproxyRandom::is_more_loaded(Slot left, Slot right) const {
  return std::uint64_t{loads_.active(candidates_.id(left))} * candidates_.weight(right) >
         std::uint64_t{loads_.active(candidates_.id(right))} * candidates_.weight(left);
}

}  // namespace windtunnel::balance
