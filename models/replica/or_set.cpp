#include "models/replica/or_set.hpp"

#include <algorithm>
#include <utility>

namespace windtunnel::replica {

OrSetDelta delta_of(std::string_view element, std::optional<Dot> addition,
                    const std::vector<Dot>& replaced) {
  OrSetDelta delta;
  delta.elements.push_back({std::string{element}, {}});
  for (const Dot& before : replaced) {
    delta.context.add(before);
  }
  if (addition) {
    delta.elements.front().additions = {*addition};
    delta.context.add(*addition);
  }
  return delta;
}

std::vector<Dot> OrSet::additions_of(std::string_view element) const {
  const auto found = elements_.find(element);
  return found == elements_.end() ? std::vector<Dot>{} : found->second;
}

void OrSet::put(std::string_view element, std::vector<Dot> additions) {
  const auto found = elements_.find(element);
  if (additions.empty()) {
    if (found != elements_.end()) {
      elements_.erase(found);
    }
  } else if (found == elements_.end()) {
    elements_.emplace(element, std::move(additions));
  } else {
    found->second = std::move(additions);
  }
}

void OrSet::join(const OrSetDelta& delta, const CausalContext& seen) {
  for (const Element& theirs : delta.elements) {
    std::vector<Dot> both;
    for (const Dot& mine : additions_of(theirs.name)) {
      const bool is_theirs = std::ranges::find(theirs.additions, mine) != theirs.additions.end();
      if (is_theirs || !delta.context.contains(mine)) {
        both.push_back(mine);
      }
    }
    for (const Dot& addition : theirs.additions) {
      if (!seen.contains(addition)) {
        both.push_back(addition);
      }
    }
    std::ranges::sort(both);
    both.erase(std::unique(both.begin(), both.end()), both.end());
    put(theirs.name, std::move(both));
  }
}

}  // namespace windtunnel::replica
