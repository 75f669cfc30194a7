// Jobs that wait, by priority level and within a level by arrival. Which of them is next is the
// station's decision.
#pragma once

#include <cstdint>

#include <boost/container/small_vector.hpp>

#include "models/service/job_table.hpp"

namespace windtunnel::service {

/// Every operation is O(1).
class JobQueue {
 public:
  static constexpr std::uint32_t kLevelsMax = 64;

  /// Level 0 is the most urgent.
  JobQueue(JobTable& table, std::uint32_t levels);

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }

  /// Precondition of both: not empty.
  [[nodiscard]] std::uint32_t most_urgent_level() const;
  [[nodiscard]] std::uint32_t least_urgent_level() const;

  /// kNoSlot where nothing waits at this level.
  [[nodiscard]] Slot oldest(std::uint32_t level) const { return lists_[level].oldest; }
  [[nodiscard]] Slot newest(std::uint32_t level) const { return lists_[level].newest; }

  /// At the level of the job's priority.
  void push(Slot slot);
  void remove(Slot slot);

 private:
  struct List {
    Slot oldest = kNoSlot;
    Slot newest = kNoSlot;
  };

  JobTable& table_;
  boost::container::small_vector<List, 1> lists_;  // Most queues know one priority.
  std::uint64_t occupied_ = 0;                     // One bit for each level.
  std::uint32_t size_ = 0;
};

}  // namespace windtunnel::service
