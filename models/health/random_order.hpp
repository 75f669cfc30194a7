// Random orders of a list, from the caller's stream: all permutations are equally likely.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "runtime/random.hpp"

namespace windtunnel::health {

/// Fisher and Yates' shuffle of the first `count` places, with elements from the whole list; the
/// rest is cut off. With `count` at least the list's size a shuffle of all of it.
template <typename Element>
void keep_some(std::vector<Element>& list, std::size_t count, RandomStream& random) {
  const std::size_t kept = count < list.size() ? count : list.size();
  for (std::size_t place = 0; place < kept; ++place) {
    std::swap(list[place], list[place + random.below(list.size() - place)]);
  }
  list.resize(kept);
}

/// Puts `element` at a random place and what stood there at the end, as memberlist does with a new
/// member: appending would let everybody probe it last.
template <typename Element>
void insert_at_random(std::vector<Element>& list, Element element, RandomStream& random) {
  list.push_back(element);
  std::swap(list[random.below(list.size())], list.back());
}

}  // namespace windtunnel::health
