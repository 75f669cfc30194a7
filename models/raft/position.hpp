// Where in the replicated log: terms, indexes, and the pair that names one entry. Arithmetic exists
// only where it has a meaning (an index plus a count is an index); a term and an index never mix.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include <boost/describe/class.hpp>

namespace windtunnel::raft {

/// A leadership period. Zero is the term of a node that never took part in an election.
class Term {
 public:
  using rep = std::uint64_t;

  constexpr Term() = default;
  constexpr explicit Term(rep value) : value_(value) {}

  [[nodiscard]] constexpr rep value() const { return value_; }
  [[nodiscard]] constexpr Term next() const { return Term{value_ + 1}; }

  friend constexpr auto operator<=>(const Term&, const Term&) = default;

 private:
  rep value_ = 0;
};

/// A place in the log. The first entry ever appended has index 1; zero stands before it.
class Index {
 public:
  using rep = std::uint64_t;

  constexpr Index() = default;
  constexpr explicit Index(rep value) : value_(value) {}

  [[nodiscard]] constexpr rep value() const { return value_; }
  [[nodiscard]] constexpr Index next() const { return Index{value_ + 1}; }
  /// Precondition: not zero.
  [[nodiscard]] constexpr Index previous() const { return Index{value_ - 1}; }
  [[nodiscard]] static constexpr Index max() { return Index{std::numeric_limits<rep>::max()}; }

  friend constexpr Index operator+(Index index, std::uint64_t count) {
    return Index{index.value_ + count};
  }
  /// How many entries lie in (b, a]. Precondition: b <= a.
  friend constexpr std::uint64_t operator-(Index a, Index b) { return a.value_ - b.value_; }
  friend constexpr auto operator<=>(const Index&, const Index&) = default;

 private:
  rep value_ = 0;
};

/// Names one entry: no two leaders of one term exist, so equal ids mean equal entries (Log
/// Matching, Raft paper §5.3).
struct EntryId {
  Term term;
  Index index;

  friend constexpr bool operator==(const EntryId&, const EntryId&) = default;
};
BOOST_DESCRIBE_STRUCT(EntryId, (), (term, index))

}  // namespace windtunnel::raft
