#include "tests/models/service/station_swarm.hpp"

#include <algorithm>
#include <sstream>
#include <vector>

#include "models/service/station.hpp"

namespace windtunnel::service {

namespace {

constexpr Duration kTick = std::chrono::microseconds{1};

Instant at_tick(std::int64_t tick) {
  return Instant{tick * kTick};
}

struct Setup {
  std::uint32_t workers;
  std::uint32_t queue_max;
  std::uint32_t priorities;
  bool is_lifo;
  bool drops_expired;
};

struct Told {
  std::uint64_t tag;
  JobOutcome outcome;
  Instant arrived;
  Instant started;
  Instant ended;
  friend bool operator==(const Told&, const Told&) = default;
};

/// A job of the simple station; times in ticks.
struct PlainJob {
  std::uint64_t tag;
  std::uint32_t priority;
  std::int64_t deadline;
  std::int64_t left;
  bool holds;
  std::int64_t arrived;
  std::int64_t started = -1;
};

class PlainStation {
 public:
  explicit PlainStation(const Setup& setup) : setup_(setup) {}

  void begin_tick(std::int64_t tick) {
    tick_ = tick;
    if (stalled_until_ && *stalled_until_ <= tick) {
      stalled_until_.reset();
      dispatch();
    }
    if (!stalled_until_) {
      serve_done();
    }
  }
  void end_tick() {
    if (!stalled_until_) {
      for (PlainJob& job : running_) {
        --job.left;
      }
    }
  }

  void arrive(const PlainJob& job) {
    const bool starts = !stalled_until_ && running_.size() + held_.size() < setup_.workers;
    if (!starts && waiting_.size() >= setup_.queue_max && !make_room(job)) {
      tell(job, JobOutcome::refused);
      return;
    }
    waiting_.push_back(job);
    dispatch();
  }
  void cancel(std::uint64_t tag) {
    if (take(waiting_, tag, JobOutcome::cancelled) || take(running_, tag, JobOutcome::cancelled)) {
      dispatch();
    } else {
      release(tag);
    }
  }
  void release(std::uint64_t tag) {
    if (std::erase(held_, tag) > 0) {
      dispatch();
    }
  }
  void stall(std::int64_t until) { stalled_until_ = std::max(until, stalled_until_.value_or(0)); }

  std::vector<Told> told;

 private:
  using Jobs = std::vector<PlainJob>;

  /// In the order in which jobs would be served.
  [[nodiscard]] bool goes_before(const PlainJob& a, const PlainJob& b) const {
    if (a.priority != b.priority) {
      return a.priority < b.priority;
    }
    return setup_.is_lifo ? a.tag > b.tag : a.tag < b.tag;
  }
  [[nodiscard]] bool is_dead(const PlainJob& job) const {
    return setup_.drops_expired && tick_ >= job.deadline;
  }

  bool make_room(const PlainJob& newcomer) {
    if (waiting_.empty()) {
      return false;
    }
    auto last = std::max_element(waiting_.begin(), waiting_.end(),
                                 [&](const auto& a, const auto& b) { return goes_before(a, b); });
    const auto oldest = std::find_if(waiting_.begin(), waiting_.end(), [&](const PlainJob& job) {
      return job.priority == last->priority;
    });
    if (is_dead(*oldest)) {
      tell(*oldest, JobOutcome::expired);
      waiting_.erase(oldest);
      return true;
    }
    if (!goes_before(newcomer, *last)) {
      return false;
    }
    tell(*last, JobOutcome::displaced);
    waiting_.erase(last);
    return true;
  }

  void dispatch() {
    while (!stalled_until_ && running_.size() + held_.size() < setup_.workers &&
           !waiting_.empty()) {
      auto next = std::min_element(waiting_.begin(), waiting_.end(),
                                   [&](const auto& a, const auto& b) { return goes_before(a, b); });
      const auto oldest = std::find_if(waiting_.begin(), waiting_.end(), [&](const PlainJob& job) {
        return job.priority == next->priority;
      });
      if (is_dead(*oldest)) {
        next = oldest;
      }
      PlainJob job = *next;
      waiting_.erase(next);
      if (is_dead(job)) {
        tell(job, JobOutcome::expired);
        continue;
      }
      job.started = tick_;
      running_.push_back(job);
    }
  }

  void serve_done() {
    for (;;) {
      const auto done = std::find_if(running_.begin(), running_.end(),
                                     [](const PlainJob& job) { return job.left == 0; });
      if (done == running_.end()) {
        return;
      }
      tell(*done, JobOutcome::served);
      if (done->holds) {
        held_.push_back(done->tag);
      }
      running_.erase(done);
      dispatch();
    }
  }

  bool take(Jobs& jobs, std::uint64_t tag, JobOutcome outcome) {
    const auto found =
        std::find_if(jobs.begin(), jobs.end(), [&](const PlainJob& job) { return job.tag == tag; });
    if (found == jobs.end()) {
      return false;
    }
    tell(*found, outcome);
    jobs.erase(found);
    return true;
  }

  void tell(const PlainJob& job, JobOutcome outcome) {
    const std::int64_t started = job.started < 0 ? tick_ : job.started;
    told.push_back({job.tag, outcome, at_tick(job.arrived), at_tick(started), at_tick(tick_)});
  }

  Setup setup_;
  std::int64_t tick_ = 0;
  std::optional<std::int64_t> stalled_until_;
  Jobs waiting_;  // Both in the order of arrival or start.
  Jobs running_;
  std::vector<std::uint64_t> held_;
};

class Comparison {
 public:
  explicit Comparison(std::uint64_t seed)
      : random_(seed, "station.swarm"),
        setup_(draw_setup()),
        plain_(setup_),
        station_(options(), {RandomStream{seed, "work"}, RandomStream{seed, "pauses"}}, Instant{}) {
  }

  std::optional<std::string> run() {
    constexpr std::int64_t kTicks = 400;
    for (std::int64_t tick = 0; tick < kTicks; ++tick) {
      plain_.begin_tick(tick);
      // Every instant that the station asks for is one that something happens at.
      if (random_.below(2) == 0) {
        station_.on_deadline(at_tick(tick));
      }
      for (std::uint64_t i = random_.below(3); i > 0; --i) {
        act(tick);
      }
      plain_.end_tick();
    }
    station_.on_deadline(at_tick(kTicks - 1));
    return difference();
  }

 private:
  Setup draw_setup() {
    const std::uint64_t workers =
        random_.below(2) == 0 ? 1 + random_.below(3) : 8 + random_.below(8);
    return {static_cast<std::uint32_t>(workers), static_cast<std::uint32_t>(random_.below(7)),
            static_cast<std::uint32_t>(1 + random_.below(3)), random_.below(2) == 0,
            random_.below(2) == 0};
  }

  [[nodiscard]] StationOptions options() const {
    StationOptions options;
    options.workers = setup_.workers;
    options.queue_max = setup_.queue_max;
    options.priorities = setup_.priorities;
    options.discipline = setup_.is_lifo ? Discipline::lifo : Discipline::fifo;
    options.expired = setup_.drops_expired ? Expired::drop : Expired::serve;
    return options;
  }

  void act(std::int64_t tick) {
    const std::uint64_t choice = random_.below(20);
    if (choice < 12) {
      arrive(tick);
    } else if (choice < 15 && !ids_.empty()) {
      const std::uint64_t tag = random_.below(ids_.size());
      plain_.cancel(tag);
      (void)station_.cancel(at_tick(tick), ids_[tag]);
    } else if (choice < 19 && !ids_.empty()) {
      const std::uint64_t tag = random_.below(ids_.size());
      plain_.release(tag);
      (void)station_.release(at_tick(tick), ids_[tag]);
    } else if (choice == 19) {
      const auto span = static_cast<std::int64_t>(1 + random_.below(8));
      plain_.stall(tick + span);
      station_.stall(at_tick(tick), span * kTick);
    }
  }

  void arrive(std::int64_t tick) {
    PlainJob plain{ids_.size(),
                   static_cast<std::uint32_t>(random_.below(setup_.priorities)),
                   tick + static_cast<std::int64_t>(random_.below(15)),
                   static_cast<std::int64_t>(1 + random_.below(4 + 2 * setup_.workers)),
                   random_.below(4) == 0,
                   tick};
    Job job;
    job.tag = plain.tag;
    job.priority = plain.priority;
    job.deadline = at_tick(plain.deadline);
    job.work = plain.left * kTick;
    job.hold = plain.holds ? WorkerHold::until_released : WorkerHold::until_served;
    ids_.push_back(station_.arrive(at_tick(tick), job));
    plain_.arrive(plain);
  }

  std::optional<std::string> difference() {
    FinishedJob job;
    std::size_t i = 0;
    for (; station_.poll(job); ++i) {
      const Told told{job.tag, job.outcome, job.arrived, job.started, job.ended};
      if (i >= plain_.told.size() || !(told == plain_.told[i])) {
        return "outcome " + std::to_string(i) + ": the station tells job " + describe(told) +
               ", the plain one " +
               (i < plain_.told.size() ? "job " + describe(plain_.told[i]) : "nothing");
      }
    }
    if (i < plain_.told.size()) {
      return "the station did not tell job " + describe(plain_.told[i]);
    }
    return std::nullopt;
  }

  static std::string describe(const Told& told) {
    std::ostringstream out;
    out << told.tag << " (outcome " << static_cast<int>(told.outcome) << ", arrived "
        << nanoseconds_of(told.arrived) << ", started " << nanoseconds_of(told.started)
        << ", ended " << nanoseconds_of(told.ended) << ")";
    return out.str();
  }

  RandomStream random_;
  Setup setup_;
  PlainStation plain_;
  Station station_;
  std::vector<JobId> ids_;
};

}  // namespace

std::optional<std::string> difference_for(std::uint64_t seed) {
  return Comparison{seed}.run();
}

}  // namespace windtunnel::service
