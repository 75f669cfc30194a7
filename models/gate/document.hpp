// A document as a gate sees it: its leaves, each with its JSON pointer. What is not a leaf is not
// there, so that a rule can only ask for what can be compared.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

namespace windtunnel::gate {

enum class LeafKind : std::uint8_t { text, number, truth, nothing };
BOOST_DESCRIBE_ENUM(LeafKind, text, number, truth, nothing)

struct Leaf {
  std::string pointer;  ///< "/limits/memory".
  LeafKind kind = LeafKind::text;
  std::string text;  ///< The string itself, or the literal: "16Gi", "3", "true"; empty: null.
  friend bool operator==(const Leaf&, const Leaf&) = default;
};
BOOST_DESCRIBE_STRUCT(Leaf, (), (pointer, kind, text))

using Document = std::vector<Leaf>;

}  // namespace windtunnel::gate
