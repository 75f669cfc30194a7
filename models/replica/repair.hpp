// Anti-entropy between two replicas: they compare the digests of ranges, divide those that differ,
// and exchange the content of what is small. One function is both sides: what came in, and what
// goes out in answer; a repair is complete when neither has anything left to say.
#pragma once

#include <cstdint>
#include <vector>

#include <boost/describe/class.hpp>

#include "models/replica/replica.hpp"

namespace windtunnel::replica {

/// Items of both sides of a range whose content is exchanged rather than divided.
inline constexpr std::uint64_t kItemsExchanged = 16;

struct RepairStep {
  CausalContext seen{};  ///< By whoever sends it.
  std::vector<RangeSummary> summaries{};
  std::vector<RangeContent> contents{};

  [[nodiscard]] bool is_empty() const { return summaries.empty() && contents.empty(); }
  friend bool operator==(const RepairStep&, const RepairStep&) = default;
};
BOOST_DESCRIBE_STRUCT(RepairStep, (), (seen, summaries, contents))

/// The step that begins it: the summary of everything.
[[nodiscard]] RepairStep first_step(const Replica& replica);

/// Takes in what the partner sent, and answers it. Precondition: the repair is open.
[[nodiscard]] RepairStep next_step(Replica& replica, WallInstant now, const RepairStep& received);

}  // namespace windtunnel::replica
