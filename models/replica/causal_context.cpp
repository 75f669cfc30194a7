#include "models/replica/causal_context.hpp"

#include <algorithm>

namespace windtunnel::replica {

namespace {

const std::vector<Stretch>* find(const CausalContext& context, ReplicaId replica) {
  const auto found =
      std::ranges::lower_bound(context.replicas, replica, {}, &StretchesOfReplica::replica);
  const bool is_there = found != context.replicas.end() && found->replica == replica;
  return is_there ? &found->stretches : nullptr;
}

/// The stretch that holds `number`, or the first one above it.
std::vector<Stretch>::const_iterator stretch_at(const std::vector<Stretch>& stretches,
                                                std::uint64_t number) {
  return std::ranges::lower_bound(stretches, number, {}, &Stretch::last);
}

bool covers(const std::vector<Stretch>& stretches, const Stretch& wanted) {
  const auto found = stretch_at(stretches, wanted.last);
  return found != stretches.end() && found->first <= wanted.first;
}

}  // namespace

bool CausalContext::contains(const Dot& dot) const {
  const std::vector<Stretch>* const own = find(*this, dot.replica);
  return own != nullptr && replica::covers(*own, {dot.number, dot.number});
}

bool CausalContext::covers(const CausalContext& other) const {
  return std::ranges::all_of(other.replicas, [&](const StretchesOfReplica& theirs) {
    const std::vector<Stretch>* const own = find(*this, theirs.replica);
    return own != nullptr && std::ranges::all_of(theirs.stretches, [&](const Stretch& stretch) {
             return replica::covers(*own, stretch);
           });
  });
}

std::uint64_t CausalContext::prefix_of(ReplicaId replica) const {
  const std::vector<Stretch>* const own = find(*this, replica);
  return own != nullptr && own->front().first == 1 ? own->front().last : 0;
}

std::uint64_t CausalContext::last_of(ReplicaId replica) const {
  const std::vector<Stretch>* const own = find(*this, replica);
  return own != nullptr ? own->back().last : 0;
}

void CausalContext::add(ReplicaId replica, Stretch added) {
  if (added.first == 0 || added.last < added.first) {
    return;
  }
  auto place = std::ranges::lower_bound(replicas, replica, {}, &StretchesOfReplica::replica);
  if (place == replicas.end() || place->replica != replica) {
    place = replicas.insert(place, {replica, {}});
  }
  std::vector<Stretch>& stretches = place->stretches;
  // Those that overlap the new one or touch it become one with it.
  const auto begin = std::ranges::lower_bound(stretches, added.first - 1, {}, &Stretch::last);
  auto end = begin;
  for (; end != stretches.end() && end->first - 1 <= added.last; ++end) {
    added.first = std::min(added.first, end->first);
    added.last = std::max(added.last, end->last);
  }
  if (begin == end) {
    stretches.insert(begin, added);
  } else {
    *begin = added;
    stretches.erase(begin + 1, end);
  }
}

void CausalContext::join(const CausalContext& other) {
  for (const StretchesOfReplica& theirs : other.replicas) {
    for (const Stretch& stretch : theirs.stretches) {
      add(theirs.replica, stretch);
    }
  }
}

}  // namespace windtunnel::replica
