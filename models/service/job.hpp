// One piece of work as a station sees it, and how it ended.
#pragma once

#include <cstdint>
#include <optional>

#include <boost/describe/enum.hpp>

#include "runtime/id.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::service {

/// A job's handle within one station; a handle of a job that has ended never fits a later one.
using JobId = Id<struct JobTag, std::uint64_t>;

/// How long a job keeps its worker. `until_served`: an event-driven server. `until_released`: a
/// thread per request, which waits in place for what the request calls downstream.
enum class WorkerHold : std::uint8_t { until_served, until_released };

struct Job {
  std::uint64_t tag = 0;              ///< The owner's; comes back with the outcome.
  std::uint32_t priority = 0;         ///< 0 is the most urgent.
  Instant deadline = Instant::max();  ///< Nobody wants the result afterwards.
  std::optional<Duration> work;       ///< Absent: drawn from the station's distribution.
  WorkerHold hold = WorkerHold::until_served;
};

/// `refused`: the queue was full. `displaced`: it made room for another in a full queue. `shed`: it
/// had waited longer than delay control allows. `expired`: its deadline passed while it waited.
enum class JobOutcome : std::uint8_t { served, refused, displaced, shed, expired, cancelled };
BOOST_DESCRIBE_ENUM(JobOutcome, served, refused, displaced, shed, expired, cancelled)

struct FinishedJob {
  JobId id{};
  std::uint64_t tag = 0;
  JobOutcome outcome = JobOutcome::served;
  Instant arrived{};
  Instant started{};  ///< When a worker took it; `ended` where none did.
  Instant ended{};

  friend bool operator==(const FinishedJob&, const FinishedJob&) = default;
};

}  // namespace windtunnel::service
