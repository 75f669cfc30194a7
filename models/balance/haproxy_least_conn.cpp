#include "models/balance/haproxy_least_conn.hpp"

#include "models/balance/haproxy_weight.hpp"

namespace windtunnel::balance {

HaproxyLeastConn::HaproxyLeastConn(HaproxyLeastConnSpec, const PolicyInput& input)
    : candidates_(input.endpoints),
      loads_(input.loads),
      queue_(candidates_.size()),
      is_changed_(candidates_.size()) {
  changed_.reserve(candidates_.size());
  passed_by_.reserve(candidates_.size());
  for (Slot slot = 0; slot < candidates_.size(); ++slot) {
    queue_.push(slot, key(slot, loads_.active(candidates_.id(slot))));
  }
}

std::optional<EndpointId> HaproxyLeastConn::pick(Instant /*now*/, const PickRequest& request) {
  if (candidates_.empty()) {
    return std::nullopt;
  }
  look_again();
  while (!queue_.empty() && was_tried(request, candidates_.id(queue_.top().slot))) {
    passed_by_.push_back(queue_.take(queue_.top().slot));
  }
  const Slot slot = queue_.empty() ? passed_by_.back().slot : queue_.top().slot;
  for (const Queue::Entry& entry : passed_by_) {
    queue_.put_back(entry);
  }
  passed_by_.clear();
  move_behind_equals(slot, loads_.active(candidates_.id(slot)) + 1);
  return candidates_.id(slot);
}

void HaproxyLeastConn::observe(Instant /*now*/, const AttemptResult& result) {
  if (const std::optional<Slot> slot = candidates_.slot_of(result.endpoint)) {
    move_behind_equals(*slot, loads_.active(result.endpoint));
  }
}

std::uint64_t HaproxyLeastConn::key(Slot slot, std::uint32_t active) const {
  return active == 0
             ? 0
             : (std::uint64_t{active} + 1) * kHaproxyWeightMax / haproxy_weight(candidates_[slot]);
}

void HaproxyLeastConn::look_again() {
  for (const Slot slot : changed_) {
    queue_.rekey(slot, key(slot, loads_.active(candidates_.id(slot))));
    is_changed_[slot] = false;
  }
  changed_.clear();
  // Another chooser's picks make an endpoint worse than it stands here.
  for (Slot slot = queue_.top().slot;
       queue_.top().key < key(slot, loads_.active(candidates_.id(slot)));
       slot = queue_.top().slot) {
    queue_.replace_top(key(slot, loads_.active(candidates_.id(slot))));
  }
}

void HaproxyLeastConn::move_behind_equals(Slot slot, std::uint32_t active) {
  queue_.update(slot, key(slot, active));
  if (!is_changed_[slot]) {
    is_changed_[slot] = true;
    changed_.push_back(slot);
  }
}

}  // namespace windtunnel::balance
