// The jobs within a station, in slots that are used again: queues and heaps link slots and allocate
// nothing of their own.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include <boost/container/options.hpp>
#include <boost/container/small_vector.hpp>

#include "models/service/job.hpp"

namespace windtunnel::service {

using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = std::numeric_limits<Slot>::max();

enum class JobState : std::uint8_t { free, waiting, running, held };

struct JobEntry {
  Job job;
  Instant arrived{};
  Instant started{};
  Duration work{};                      ///< At full speed.
  Duration wait_max = Duration::max();  ///< Waiting longer, it is shed.
  std::int64_t finish = 0;              ///< While running: on the station's work clock.
  std::uint64_t sequence = 0;           ///< Orders jobs that finish together by their start.
  std::uint32_t generation = 0;
  JobState state = JobState::free;
  Slot previous = kNoSlot;  ///< Neighbours while waiting.
  Slot next = kNoSlot;      ///< Also of the free ones.
  std::uint32_t place = 0;  ///< In the heap, while running.
};

class JobTable {
 public:
  /// A slot in state `free` to be filled in. Grows only beyond the most jobs there ever were.
  [[nodiscard]] Slot take() {
    if (free_ == kNoSlot) {
      entries_.emplace_back();
      return static_cast<Slot>(entries_.size() - 1);
    }
    return std::exchange(free_, entries_[free_].next);
  }

  void give_back(Slot slot) {
    JobEntry& entry = entries_[slot];
    entry.state = JobState::free;
    ++entry.generation;
    entry.next = std::exchange(free_, slot);
  }

  /// For how many jobs there is memory.
  [[nodiscard]] std::size_t capacity() const { return entries_.capacity(); }

  [[nodiscard]] JobEntry& operator[](Slot slot) { return entries_[slot]; }
  [[nodiscard]] const JobEntry& operator[](Slot slot) const { return entries_[slot]; }

  [[nodiscard]] JobId id_of(Slot slot) const {
    return JobId{(std::uint64_t{entries_[slot].generation} << 32) | slot};
  }

  /// Absent where the job has ended.
  [[nodiscard]] std::optional<Slot> find(JobId id) const {
    const auto slot = static_cast<Slot>(id.value());
    const bool is_known =
        slot < entries_.size() && id_of(slot) == id && entries_[slot].state != JobState::free;
    return is_known ? std::optional{slot} : std::nullopt;
  }

 private:
  // The first job lies in place; more of them have memory that doubles.
  boost::container::small_vector<
      JobEntry, 1, void,
      boost::container::small_vector_options_t<
          boost::container::growth_factor<boost::container::growth_factor_100>>>
      entries_;
  Slot free_ = kNoSlot;  // The first of a list.
};

}  // namespace windtunnel::service
