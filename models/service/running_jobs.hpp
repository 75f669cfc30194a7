// Jobs that workers are busy with, ordered by when they will be done. A binary heap in which each
// job knows its place, so that a running job can be taken out.
#pragma once

#include <boost/container/small_vector.hpp>

#include "models/service/job_table.hpp"

namespace windtunnel::service {

/// Adding and removing are O(log n). Jobs done at one instant come out in the order they started.
class RunningJobs {
 public:
  RunningJobs(JobTable& table, std::size_t workers) : table_(table) { heap_.reserve(workers); }

  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] std::size_t size() const { return heap_.size(); }
  /// The next to be done. Precondition: not empty.
  [[nodiscard]] Slot first() const { return heap_.front(); }

  void add(Slot slot);
  void remove(Slot slot);

 private:
  [[nodiscard]] bool precedes(Slot a, Slot b) const;
  void put(std::size_t place, Slot slot);
  void move_up(std::size_t place);
  void move_down(std::size_t place);

  JobTable& table_;
  boost::container::small_vector<Slot, 4> heap_;
};

}  // namespace windtunnel::service
