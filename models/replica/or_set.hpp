// An observed-remove set without tombstones (Bieniusa et al., "An optimized conflict-free
// replicated set", 2012), replicated by deltas (Almeida, Shoker, Baquero, "Delta state replicated
// data types", 2018): an element is there while one of its additions is, and a removal removes the
// additions that it has seen. Of an addition and a removal that did not know of each other the
// addition stays.
//
// The context of what was seen is not in here: one serves all sets of a replica.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include "models/replica/causal_context.hpp"
#include "models/replica/dot.hpp"

namespace windtunnel::replica {

/// The additions of one element that nobody has removed, ascending.
struct Element {
  std::string name{};
  std::vector<Dot> additions{};
  friend bool operator==(const Element&, const Element&) = default;
};
BOOST_DESCRIBE_STRUCT(Element, (), (name, additions))

/// A part of some replica's set: what it has of the elements named, of which some may have no
/// addition left. Whatever `context` holds of them and is not named is gone.
struct OrSetDelta {
  std::vector<Element> elements{};
  CausalContext context{};
  friend bool operator==(const OrSetDelta&, const OrSetDelta&) = default;
};
BOOST_DESCRIBE_STRUCT(OrSetDelta, (), (elements, context))

/// What an operation does: it adds the element, or else removes it, in place of additions before.
[[nodiscard]] OrSetDelta delta_of(std::string_view element, std::optional<Dot> addition,
                                  const std::vector<Dot>& replaced);

class OrSet {
 public:
  /// Takes in another replica's part. `seen` are the operations seen so far on this side, to which
  /// the caller adds the delta's afterwards.
  void join(const OrSetDelta& delta, const CausalContext& seen);

  [[nodiscard]] bool contains(std::string_view element) const {
    return elements_.find(element) != elements_.end();
  }
  /// Empty where the element is not there.
  [[nodiscard]] std::vector<Dot> additions_of(std::string_view element) const;
  /// By name; none without an addition.
  [[nodiscard]] const std::map<std::string, std::vector<Dot>, std::less<>>& elements() const {
    return elements_;
  }

 private:
  void put(std::string_view element, std::vector<Dot> additions);

  std::map<std::string, std::vector<Dot>, std::less<>> elements_;
};

}  // namespace windtunnel::replica
