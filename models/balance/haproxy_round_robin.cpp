#include "models/balance/haproxy_round_robin.hpp"

#include <algorithm>

#include "models/balance/haproxy_weight.hpp"

namespace windtunnel::balance {

HaproxyRoundRobin::HaproxyRoundRobin(HaproxyRoundRobinSpec, const PolicyInput& input)
    : candidates_(input.endpoints),
      servers_(candidates_.size()),
      start_(candidates_.size()),
      current_(candidates_.size()),
      next_(candidates_.size()) {
  passed_by_.reserve(candidates_.size());
  for (Slot slot = 0; slot < candidates_.size(); ++slot) {
    servers_[slot].weight = haproxy_weight(candidates_[slot]);
    weight_ += servers_[slot].weight;
    queue_by_weight(Tree::start, slot);
  }
  position_ = weight_;
}

std::optional<EndpointId> HaproxyRoundRobin::pick(Instant /*now*/, const PickRequest& request) {
  has_switched_ = false;
  const std::optional<Slot> chosen = find(request);
  if (chosen) {
    queue(*chosen);
  }
  queue_passed_by(chosen);
  return chosen ? std::optional{candidates_.id(*chosen)} : std::nullopt;
}

// Every server that is looked at takes its turn, whether it is chosen or passed by.
std::optional<Slot> HaproxyRoundRobin::find(const PickRequest& request) {
  while (true) {
    std::optional<Slot> slot = first_due();
    if (!slot && !has_switched_) {
      start_period();
      slot = first_due();
    }
    const bool is_second_choice = !slot && !passed_by_.empty();
    if (is_second_choice) {
      slot = passed_by_.front();
    }
    if (!slot) {
      return std::nullopt;
    }
    advance(servers_[*slot]);
    take(*slot);
    ++position_;
    if (is_second_choice || !was_tried(request, candidates_.id(*slot))) {
      return slot;
    }
    passed_by_.push_back(*slot);
  }
}

// Where nobody is due yet, the period's hole goes to a server that has not begun.
std::optional<Slot> HaproxyRoundRobin::first_due() {
  std::optional<Slot> first;
  if (!current_.empty()) {
    first = current_.top().slot;
  }
  if ((!first || servers_[*first].position > position_) && !start_.empty()) {
    first = start_.top().slot;
    servers_[*first].position = 0;
    servers_[*first].remainder = 0;
  }
  return first;
}

void HaproxyRoundRobin::start_period() {
  has_switched_ = true;
  std::swap(start_, next_);
  for (Server& server : servers_) {
    if (server.tree == Tree::next) {
      server.tree = Tree::start;
    }
  }
  position_ = weight_;
}

void HaproxyRoundRobin::take(Slot slot) {
  switch (std::exchange(servers_[slot].tree, Tree::none)) {
    case Tree::none:
      break;
    case Tree::start:
      start_.take(slot);
      break;
    case Tree::current:
      current_.take(slot);
      break;
    case Tree::next:
      next_.take(slot);
      break;
  }
}

// A period over the server's weight, with what the division leaves carried to later turns.
void HaproxyRoundRobin::advance(Server& server) {
  const std::int64_t from = server.position == 0 ? position_ : server.position;
  server.position = from + weight_ / server.weight;
  server.remainder += weight_ % server.weight;
  if (server.remainder >= server.weight) {
    server.remainder -= server.weight;
    ++server.position;
  }
}

void HaproxyRoundRobin::queue(Slot slot) {
  Server& server = servers_[slot];
  if (server.position >= 2 * weight_) {
    server.position -= weight_;
    queue_by_weight(Tree::next, slot);
    return;
  }
  // Unsigned 32-bit arithmetic as in HAProxy: servers due at one position go by weight.
  const auto position = static_cast<std::uint32_t>(server.position);
  const auto shade =
      static_cast<std::uint32_t>(kHaproxyWeightMax + server.remainder - server.weight);
  current_.push(slot, kHaproxyUserWeightMax * position + shade / kHaproxyWeightScale);
  server.tree = Tree::current;
}

void HaproxyRoundRobin::queue_by_weight(Tree tree, Slot slot) {
  const auto weight = static_cast<std::uint32_t>(servers_[slot].weight);
  (tree == Tree::start ? start_ : next_).push(slot, kHaproxyWeightMax - weight);
  servers_[slot].tree = tree;
}

// After a switch their places are lost, and only their weights matter.
void HaproxyRoundRobin::queue_passed_by(std::optional<Slot> chosen) {
  while (!passed_by_.empty()) {
    const Slot slot = passed_by_.back();
    passed_by_.pop_back();
    if (slot == chosen) {
      continue;
    }
    if (has_switched_) {
      queue_by_weight(Tree::start, slot);
    } else {
      queue(slot);
    }
  }
}

}  // namespace windtunnel::balance
