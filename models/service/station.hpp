// A service's processing as a queueing station: workers, one bounded queue, and the rules by which
// work is ordered, delayed, shed and given up. A core: time comes in with every call, jobs that
// ended are polled. What a job does besides taking time is its owner's business.
#pragma once

#include <cstdint>
#include <optional>

#include <boost/container/small_vector.hpp>

#include "models/service/controlled_delay.hpp"
#include "models/service/job.hpp"
#include "models/service/job_queue.hpp"
#include "models/service/running_jobs.hpp"
#include "models/service/warm_up.hpp"
#include "models/service/work_clock.hpp"
#include "runtime/distribution.hpp"

namespace windtunnel::service {

/// Which of the waiting jobs of one priority is next. `adaptive_lifo` ("Fail at Scale", ACM Queue
/// 13(8), 2015): the oldest, unless the queue has not been empty for a while; then the newest,
/// since whoever sent the oldest has given up.
enum class Discipline : std::uint8_t { fifo, lifo, adaptive_lifo };
BOOST_DESCRIBE_ENUM(Discipline, fifo, lifo, adaptive_lifo)

/// What happens to a job whose deadline passed while it waited. `serve` is a server that does not
/// know the deadlines of its clients.
enum class Expired : std::uint8_t { drop, serve };
BOOST_DESCRIBE_ENUM(Expired, drop, serve)

/// Stops of all workers at once, as a garbage collector's. The next interval begins where a stop
/// ends.
struct Pauses {
  DurationDistribution interval = Constant{std::chrono::seconds{10}};
  DurationDistribution length = Constant{std::chrono::milliseconds{50}};
  friend bool operator==(const Pauses&, const Pauses&) = default;
};

struct StationOptions {
  std::uint32_t workers = 1;
  std::uint32_t queue_max = 1024;  ///< Jobs that wait, over all priorities.
  std::uint32_t priorities = 1;    ///< At most 64.
  Discipline discipline = Discipline::fifo;
  Duration adaptive_after = std::chrono::milliseconds{100};  ///< Of a queue that never empties.
  DelayControl delay_control{};                              ///< In its initial state.
  Expired expired = Expired::drop;
  DurationDistribution work = Constant{std::chrono::milliseconds{1}};
  WarmUp warm_up{};
  std::optional<Pauses> pauses{};
};

/// Apart, so that pauses do not move the work that is drawn.
struct StationStreams {
  RandomStream work;
  RandomStream pauses;
};

struct StationCounters {
  std::uint64_t arrived = 0;
  std::uint64_t served = 0;
  std::uint64_t refused = 0;
  std::uint64_t displaced = 0;
  std::uint64_t shed = 0;
  std::uint64_t expired = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t pauses = 0;
  /// Seconds times jobs and seconds times busy workers: divided by the time, the mean numbers of
  /// both.
  double present_seconds = 0;
  double busy_seconds = 0;

  friend bool operator==(const StationCounters&, const StationCounters&) = default;
};

/// Every operation is O(log workers), amortised over the jobs that it ends, and allocates nothing
/// once the station has held its greatest number of jobs, those that ended and were not polled
/// included. Equal inputs give equal outputs. No call
/// may go back in time; each first carries out what was due before it.
class alignas(64) Station {
 public:
  /// `now` is when the process started.
  Station(const StationOptions& options, const StationStreams& streams, Instant now);
  Station(const Station&) = delete;
  Station& operator=(const Station&) = delete;

  /// A job comes. It may have ended already when this returns (poll() tells). Its work is drawn
  /// now, so that the same arrivals bring the same work under every discipline.
  JobId arrive(Instant now, const Job& job);
  /// Takes a waiting or running job out, or a held one; false where it has ended.
  bool cancel(Instant now, JobId job);
  /// Lets a served job's worker go (WorkerHold::until_released); false where it is not held.
  bool release(Instant now, JobId job);

  /// When on_deadline() is next due; absent where nothing is present.
  [[nodiscard]] std::optional<Instant> next_deadline() const;
  /// Carries out everything due up to and including `now`.
  void on_deadline(Instant now);
  /// The next job that ended, in the order that they did; false when all were told.
  [[nodiscard]] bool poll(FinishedJob& finished);

  /// All workers stop until `span` from now, or longer where they are stopped already.
  void stall(Instant now, Duration span);
  /// A slow machine; 0 does nothing at all.
  void set_speed(Instant now, SpeedPermille speed);

  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
  [[nodiscard]] std::size_t busy() const { return running_.size() + held_; }
  [[nodiscard]] std::size_t present() const { return waiting() + busy(); }
  [[nodiscard]] bool is_stalled() const { return clock_.is_stopped(); }
  [[nodiscard]] const StationCounters& counters() const { return counters_; }
  [[nodiscard]] std::uint32_t priorities() const { return priorities_; }

 private:
  [[nodiscard]] Instant next_event() const;
  void advance(Instant now);
  void account(Instant now);
  void serve_first();
  void begin_stall(Instant until);
  void begin_pause();
  void dispatch();
  [[nodiscard]] bool has_free_worker() const { return !clock_.is_stopped() && busy() < workers_; }
  [[nodiscard]] bool is_unhindered(const JobEntry& entry) const;
  [[nodiscard]] Slot choose(std::uint32_t level) const;
  [[nodiscard]] bool is_expired(const JobEntry& entry) const;
  bool give_up_dead(Slot slot);
  void take_from_queue(Slot slot);
  void start(Slot slot);
  [[nodiscard]] bool make_room_for(std::uint32_t priority);
  [[nodiscard]] bool prefers_newest() const;
  [[nodiscard]] QueueView view(Duration waited) const;
  void finish(Slot slot, JobOutcome outcome);
  void leave(Slot slot);
  void count(JobOutcome outcome);

  // What every job touches comes first, in one piece and nearly in the order in which it is needed:
  // among thousands of stations none of it is in the cache when the next job comes.
  Instant now_;
  WorkClock clock_;
  Instant next_pause_ = Instant::max();
  Instant last_empty_;
  Instant started_;
  std::uint32_t held_ = 0;
  Slot first_ended_ = kNoSlot;  // The oldest that poll() has not told.
  Slot last_ended_ = kNoSlot;
  std::uint32_t workers_;
  std::uint32_t queue_max_;
  std::uint32_t priorities_;
  Discipline discipline_;
  Expired expired_;
  std::uint64_t starts_ = 0;
  WarmUp warm_up_;
  RunningJobs running_;
  JobQueue queue_;
  JobTable table_;
  StationCounters counters_;
  DurationSampler work_;
  RandomStream work_stream_;
  DelayControl delay_control_;
  Duration adaptive_after_;
  Instant stalled_until_{};
  std::optional<Pauses> pauses_;
  RandomStream pauses_stream_;
};

}  // namespace windtunnel::service
