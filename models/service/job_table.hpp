// The jobs within a station, in slots that are used again: queues, heaps and the list of
// those that ended link slots and allocate nothing of their own.
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

enum class JobState : std::uint8_t { free, waiting, running, held, ended };

/// Small, since it is what every request touches first: of thousands of stations none is in the
/// cache when its next job comes.
struct JobEntry {
  std::uint64_t tag = 0;  ///< The owner's.
  Instant deadline = Instant::max();
  Instant arrived{};
  Instant started{};                    ///< When a worker took it; the end, where none did.
  Instant ended{};                      ///< Once it has.
  Duration work{};                      ///< At full speed.
  Duration wait_max = Duration::max();  ///< Waiting longer, it is shed.
  std::int64_t finish = 0;              ///< While running: on the station's work clock.
  std::uint64_t sequence = 0;           ///< Orders jobs that finish together by their start.
  std::uint32_t priority = 0;
  std::uint32_t generation = 0;
  Slot previous = kNoSlot;  ///< Neighbours while waiting.
  Slot next = kNoSlot;      ///< Also of the free ones, and of those that ended untold.
  std::uint32_t place = 0;  ///< In the heap, while running.
  WorkerHold hold = WorkerHold::until_served;
  JobState state = JobState::free;
  JobOutcome outcome = JobOutcome::served;  ///< Once it has ended.
  bool is_untold = false;                   ///< It has ended, and nobody was told.
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

  [[nodiscard]] JobEntry& operator[](Slot slot) { return entries_[slot]; }
  [[nodiscard]] const JobEntry& operator[](Slot slot) const { return entries_[slot]; }

  [[nodiscard]] JobId id_of(Slot slot) const {
    return JobId{(std::uint64_t{entries_[slot].generation} << 32) | slot};
  }

  /// Absent where the job has ended.
  [[nodiscard]] std::optional<Slot> find(JobId id) const {
    const auto slot = static_cast<Slot>(id.value());
    const bool is_known =
        slot < entries_.size() && id_of(slot) == id && is_present(entries_[slot].state);
    return is_known ? std::optional{slot} : std::nullopt;
  }

 private:
  Slot free_ = kNoSlot;  // The first of a list; beside the first job.

  [[nodiscard]] static bool is_present(JobState state) {
    return state != JobState::free && state != JobState::ended;
  }

  // The first job lies in place; more of them have memory that doubles.
  boost::container::small_vector<
      JobEntry, 1, void,
      boost::container::small_vector_options_t<
          boost::container::growth_factor<boost::container::growth_factor_100>>>
      entries_;
};

}  // namespace windtunnel::service
