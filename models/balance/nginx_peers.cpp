#include "models/balance/nginx_peers.hpp"

#include <algorithm>

namespace windtunnel::balance {
namespace {

constexpr std::uint32_t kWeightMax = 1'000'000;

void erase_unordered(std::vector<Slot>& slots, Slot slot) {
  const auto found = std::find(slots.begin(), slots.end(), slot);
  check(found != slots.end(), "a peer stands where its standing says");
  *found = slots.back();
  slots.pop_back();
}

}  // namespace

NginxPeers::NginxPeers(NginxSpec spec, const Candidates& candidates) : spec_(spec) {
  check(candidates.greatest_weight() <= kWeightMax, "an nginx weight is at most a million");
  const Slot count = candidates.size();
  peers_.reserve(count);
  standings_.resize(count);
  recovering_.reserve(count);
  left_alone_.reserve(count);
  tried_.reserve(count);
  for (Slot slot = 0; slot < count; ++slot) {
    const std::int64_t weight = candidates.weight(slot);
    peers_.push_back({.weight = weight, .effective_weight = weight});
  }
  make_classes();
}

void NginxPeers::make_classes() {
  std::vector<std::pair<std::int64_t, Slot>> by_weight;
  for (Slot slot = 0; slot < peers_.size(); ++slot) {
    by_weight.emplace_back(peers_[slot].weight, slot);
  }
  std::sort(by_weight.begin(), by_weight.end());
  for (auto first = by_weight.begin(); first != by_weight.end();) {
    const auto last = std::find_if(first, by_weight.end(),
                                   [&](const auto& entry) { return entry.first != first->first; });
    const auto number = static_cast<std::uint32_t>(classes_.size());
    const auto members = static_cast<std::size_t>(last - first);
    classes_.push_back({.weight = first->first, .members = SlotQueue<Key>{members}});
    for (Slot rank = 0; first != last; ++first, ++rank) {
      standings_[first->second] = {number, rank, Place::in_class, false};
      classes_.back().members.push(rank, {0, first->second});
    }
  }
}

std::optional<Slot> NginxPeers::pick(Instant instant, const PickRequest& request,
                                     const Candidates& candidates) {
  if (is_single()) {
    return Slot{0};
  }
  const NginxSeconds now = nginx_seconds(instant);
  wake(now);
  set_aside_tried(request, candidates);
  const std::int64_t total = gain_all();
  const std::optional<Slot> best = greatest();
  if (best) {
    pay(*best, total);
  }
  place_recovered(now);
  return_tried(now);
  if (best) {
    use(*best, instant);
  }
  return best;
}

void NginxPeers::wake(NginxSeconds now) {
  if (now <= wake_at_) {
    return;
  }
  wake_at_ = kNever;
  for (std::size_t i = left_alone_.size(); i-- > 0;) {
    const Slot slot = left_alone_[i];
    if (peers_[slot].is_left_alone(spec_, now)) {
      wake_at_ = std::min(wake_at_, peers_[slot].alone_until(spec_));
    } else {
      remove(slot);
      place(slot, now);
    }
  }
}

// A peer that this request has tried already gains nothing in this pick.
void NginxPeers::set_aside_tried(const PickRequest& request, const Candidates& candidates) {
  for (const EndpointId endpoint : request.tried) {
    const std::optional<Slot> slot = candidates.slot_of(endpoint);
    if (slot && !standings_[*slot].is_tried) {
      remove(*slot);
      standings_[*slot].is_tried = true;
      tried_.push_back(*slot);
    }
  }
}

void NginxPeers::return_tried(NginxSeconds now) {
  for (const Slot slot : tried_) {
    standings_[slot].is_tried = false;
    place(slot, now);
  }
  tried_.clear();
}

std::int64_t NginxPeers::gain_all() {
  std::int64_t total = 0;
  for (WeightClass& weight_class : classes_) {
    weight_class.gain += weight_class.weight;
    total += weight_class.weight * static_cast<std::int64_t>(weight_class.members.size());
  }
  for (const Slot slot : recovering_) {
    total += peers_[slot].effective_weight;
    peers_[slot].gain();
  }
  return total;
}

std::optional<Slot> NginxPeers::greatest() const {
  std::optional<Slot> best;
  std::int64_t weight = 0;
  const auto consider = [&](Slot slot, std::int64_t current) {
    if (!best || current > weight || (current == weight && slot < *best)) {
      best = slot;
      weight = current;
    }
  };
  for (const WeightClass& weight_class : classes_) {
    if (!weight_class.members.empty()) {
      const Key& key = weight_class.members.top().key;
      consider(key.second, weight_class.gain - key.first);
    }
  }
  for (const Slot slot : recovering_) {
    consider(slot, peers_[slot].current_weight);
  }
  return best;
}

void NginxPeers::pay(Slot slot, std::int64_t total) {
  const Standing& standing = standings_[slot];
  if (standing.place != Place::in_class) {
    peers_[slot].current_weight -= total;
    return;
  }
  SlotQueue<Key>& members = classes_[standing.weight_class].members;
  members.replace_top({members.top().key.first + total, slot});
}

void NginxPeers::place_recovered(NginxSeconds now) {
  for (std::size_t i = recovering_.size(); i-- > 0;) {
    const Slot slot = recovering_[i];
    if (peers_[slot].effective_weight == peers_[slot].weight) {
      remove(slot);
      place(slot, now);
    }
  }
}

void NginxPeers::use(Slot slot, Instant instant) {
  const NginxSeconds now = nginx_seconds(instant);
  peers_[slot].use(spec_, now);
  if (peers_[slot].is_left_alone(spec_, now) && standings_[slot].place != Place::left_alone) {
    remove(slot);
    place(slot, now);
  }
}

void NginxPeers::settle(Slot slot, Instant instant, bool succeeded) {
  if (is_single()) {
    return;
  }
  const NginxSeconds now = nginx_seconds(instant);
  if (succeeded && peers_[slot].fails == 0) {
    return;
  }
  remove(slot);
  if (succeeded) {
    peers_[slot].succeed();
  } else {
    peers_[slot].fail(spec_, now);
  }
  place(slot, now);
}

std::int64_t NginxPeers::current_weight(Slot slot) const {
  const Standing& standing = standings_[slot];
  if (standing.place != Place::in_class) {
    return peers_[slot].current_weight;
  }
  const WeightClass& weight_class = classes_[standing.weight_class];
  return weight_class.gain - weight_class.members.key_of(standing.rank).first;
}

// Takes a peer from where it stands; its current weight is then its own.
void NginxPeers::remove(Slot slot) {
  const Standing& standing = standings_[slot];
  switch (standing.place) {
    case Place::in_class: {
      WeightClass& weight_class = classes_[standing.weight_class];
      peers_[slot].current_weight =
          weight_class.gain - weight_class.members.take(standing.rank).key.first;
      break;
    }
    case Place::recovering:
      erase_unordered(recovering_, slot);
      break;
    case Place::left_alone:
      erase_unordered(left_alone_, slot);
      break;
  }
}

void NginxPeers::place(Slot slot, NginxSeconds now) {
  Standing& standing = standings_[slot];
  const NginxPeer& peer = peers_[slot];
  if (peer.is_left_alone(spec_, now)) {
    standing.place = Place::left_alone;
    left_alone_.push_back(slot);
    wake_at_ = std::min(wake_at_, peer.alone_until(spec_));
  } else if (peer.effective_weight < peer.weight) {
    standing.place = Place::recovering;
    recovering_.push_back(slot);
  } else {
    standing.place = Place::in_class;
    WeightClass& weight_class = classes_[standing.weight_class];
    weight_class.members.push(standing.rank, {weight_class.gain - peer.current_weight, slot});
  }
}

}  // namespace windtunnel::balance
