#include "models/service/station.hpp"

#include <algorithm>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::service {

namespace {

constexpr double kNanosecondsPerSecond = 1e9;

}  // namespace

Station::Station(const StationOptions& options, const StationStreams& streams, Instant now)
    : now_(now),
      clock_(now),
      last_empty_(now),
      started_(now),
      workers_(options.workers),
      queue_max_(options.queue_max),
      priorities_(options.priorities),
      discipline_(options.discipline),
      expired_(options.expired),
      warm_up_(options.warm_up),
      running_(table_, options.workers),
      queue_(table_, options.priorities),
      work_(options.work),
      work_stream_(streams.work),
      delay_control_(options.delay_control),
      adaptive_after_(options.adaptive_after),
      pauses_(options.pauses),
      pauses_stream_(streams.pauses) {
  check(options.workers > 0, "a station has a worker");
  if (pauses_) {
    check(mean_of(pauses_->interval) > Duration::zero(), "pauses are some time apart");
    next_pause_ = instant_after(now, sample(pauses_->interval, pauses_stream_));
  }
}

JobId Station::arrive(Instant now, const Job& job) {
  check(job.priority < priorities_, "a job's priority is one of the station's");
  advance(now);
  ++counters_.arrived;
  const Slot slot = table_.take();
  const JobId id = table_.id_of(slot);
  JobEntry& entry = table_[slot];
  entry.tag = job.tag;
  entry.priority = job.priority;
  entry.deadline = job.deadline;
  entry.hold = job.hold;
  entry.arrived = entry.started = now;
  entry.work = job.work ? *job.work : work_(work_stream_);
  if (queue_.empty()) {
    last_empty_ = now;
    if (is_unhindered(entry)) {
      start(slot);
      return id;
    }
  }
  entry.wait_max =
      std::visit([&](const auto& control) { return control.wait_max(view({})); }, delay_control_);
  if (!make_room_for(job.priority)) {
    finish(slot, JobOutcome::refused);
    return id;
  }
  queue_.push(slot);
  dispatch();
  return id;
}

bool Station::cancel(Instant now, JobId job) {
  advance(now);
  const auto slot = table_.find(job);
  if (!slot) {
    return false;
  }
  switch (table_[*slot].state) {
    case JobState::waiting:
      take_from_queue(*slot);
      break;
    case JobState::running:
      running_.remove(*slot);
      break;
    default:
      // It was reported when it was served.
      return release(now, job);
  }
  finish(*slot, JobOutcome::cancelled);
  dispatch();
  return true;
}

bool Station::release(Instant now, JobId job) {
  advance(now);
  const auto slot = table_.find(job);
  if (!slot || table_[*slot].state != JobState::held) {
    return false;
  }
  --held_;
  leave(*slot);
  dispatch();
  return true;
}

/// The slot stays until poll() has told of its job.
void Station::leave(Slot slot) {
  JobEntry& entry = table_[slot];
  if (entry.is_untold) {
    entry.state = JobState::ended;
  } else {
    table_.give_back(slot);
  }
}

std::optional<Instant> Station::next_deadline() const {
  // Pauses of an idle station are caught up with at its next arrival.
  if (running_.empty() && queue_.empty()) {
    return std::nullopt;
  }
  const Instant next = next_event();
  return next == Instant::max() ? std::nullopt : std::optional{next};
}

void Station::on_deadline(Instant now) {
  advance(now);
}

bool Station::poll(FinishedJob& finished) {
  if (first_ended_ == kNoSlot) {
    return false;
  }
  const Slot slot = first_ended_;
  JobEntry& entry = table_[slot];
  first_ended_ = entry.next;
  finished = {table_.id_of(slot), entry.tag,     entry.outcome,
              entry.arrived,      entry.started, entry.ended};
  entry.is_untold = false;
  if (entry.state == JobState::ended) {
    table_.give_back(slot);
  }
  return true;
}

void Station::stall(Instant now, Duration span) {
  advance(now);
  begin_stall(instant_after(now, span));
}

void Station::set_speed(Instant now, SpeedPermille speed) {
  advance(now);
  clock_.set_speed(now, speed);
}

Instant Station::next_event() const {
  const Instant next = clock_.is_stopped() ? stalled_until_
                       : running_.empty()  ? Instant::max()
                                           : clock_.when(table_[running_.first()].finish);
  return std::min(next, next_pause_);
}

void Station::advance(Instant now) {
  check(now >= now_, "a station's time does not go back");
  for (Instant next = next_event(); next <= now && next != Instant::max(); next = next_event()) {
    account(next);
    if (clock_.is_stopped() && stalled_until_ <= next) {
      clock_.resume(next);
      dispatch();
    } else if (!running_.empty() && clock_.when(table_[running_.first()].finish) <= next) {
      serve_first();
    } else {
      begin_pause();
    }
  }
  account(now);
}

void Station::account(Instant now) {
  if (now == now_) {
    return;
  }
  if (present() > 0) {
    const double elapsed = static_cast<double>((now - now_).count()) / kNanosecondsPerSecond;
    counters_.present_seconds += elapsed * static_cast<double>(present());
    counters_.busy_seconds += elapsed * static_cast<double>(busy());
  }
  now_ = now;
}

void Station::serve_first() {
  const Slot slot = running_.first();
  running_.remove(slot);
  finish(slot, JobOutcome::served);
  dispatch();
}

void Station::begin_stall(Instant until) {
  stalled_until_ = clock_.is_stopped() ? std::max(stalled_until_, until) : until;
  clock_.stop(now_);
}

void Station::begin_pause() {
  ++counters_.pauses;
  begin_stall(instant_after(now_, sample(pauses_->length, pauses_stream_)));
  next_pause_ = instant_after(stalled_until_, sample(pauses_->interval, pauses_stream_));
}

void Station::dispatch() {
  if (clock_.is_stopped()) {
    return;
  }
  while (busy() < workers_) {
    if (queue_.empty()) {
      std::visit([](auto& control) { control.queue_emptied(); }, delay_control_);
      return;
    }
    const std::uint32_t level = queue_.most_urgent_level();
    // Under LIFO the dead gather at the other end, where nobody would ever find them.
    const Slot oldest = queue_.oldest(level);
    const Slot slot = choose(level);
    if (give_up_dead(oldest) || (slot != oldest && give_up_dead(slot))) {
      continue;
    }
    take_from_queue(slot);
    const QueueView queue = view(now_ - table_[slot].arrived);
    if (std::visit([&](auto& control) { return control.sheds(queue); }, delay_control_)) {
      finish(slot, JobOutcome::shed);
    } else {
      start(slot);
    }
  }
}

/// Most jobs find a worker free and nothing that would stand in their way: what is decided of a job
/// that waits need not be asked of them.
bool Station::is_unhindered(const JobEntry& entry) const {
  return has_free_worker() && std::holds_alternative<NoDelayControl>(delay_control_) &&
         !is_expired(entry);
}

bool Station::prefers_newest() const {
  return discipline_ == Discipline::lifo ||
         (discipline_ == Discipline::adaptive_lifo && now_ - last_empty_ > adaptive_after_);
}

Slot Station::choose(std::uint32_t level) const {
  return prefers_newest() ? queue_.newest(level) : queue_.oldest(level);
}

bool Station::is_expired(const JobEntry& entry) const {
  return expired_ == Expired::drop && now_ >= entry.deadline;
}

bool Station::give_up_dead(Slot slot) {
  const JobEntry& entry = table_[slot];
  const bool is_late = now_ - entry.arrived > entry.wait_max;
  if (!is_late && !is_expired(entry)) {
    return false;
  }
  take_from_queue(slot);
  finish(slot, is_expired(entry) ? JobOutcome::expired : JobOutcome::shed);
  return true;
}

void Station::take_from_queue(Slot slot) {
  queue_.remove(slot);
  if (queue_.empty()) {
    last_empty_ = now_;
  }
}

void Station::start(Slot slot) {
  JobEntry& entry = table_[slot];
  entry.started = now_;
  entry.sequence = starts_++;
  const Duration work = warming(warm_up_, now_ - started_, entry.work);
  entry.finish = clock_.at(now_) + work.count();
  running_.add(slot);
}

/// Whoever would be served last of all gives way, the newcomer included.
bool Station::make_room_for(std::uint32_t priority) {
  if (has_free_worker() || queue_.size() < queue_max_) {
    return true;
  }
  if (queue_.empty()) {
    return false;
  }
  const std::uint32_t level = queue_.least_urgent_level();
  if (give_up_dead(queue_.oldest(level))) {
    return true;
  }
  const bool takes_newest = prefers_newest();
  if (priority > level || (priority == level && !takes_newest)) {
    return false;
  }
  const Slot last = takes_newest ? queue_.oldest(level) : queue_.newest(level);
  take_from_queue(last);
  finish(last, JobOutcome::displaced);
  return true;
}

QueueView Station::view(Duration waited) const {
  return {now_, waited, !queue_.empty(), last_empty_};
}

void Station::finish(Slot slot, JobOutcome outcome) {
  JobEntry& entry = table_[slot];
  if (entry.state != JobState::running) {
    entry.started = now_;
  }
  entry.ended = now_;
  entry.outcome = outcome;
  entry.is_untold = true;
  entry.next = kNoSlot;
  (first_ended_ == kNoSlot ? first_ended_ : table_[last_ended_].next) = slot;
  last_ended_ = slot;
  count(outcome);
  const bool keeps_worker =
      outcome == JobOutcome::served && entry.hold == WorkerHold::until_released;
  entry.state = keeps_worker ? JobState::held : JobState::ended;
  held_ += keeps_worker ? 1 : 0;
}

void Station::count(JobOutcome outcome) {
  switch (outcome) {
    case JobOutcome::served:
      ++counters_.served;
      return;
    case JobOutcome::refused:
      ++counters_.refused;
      return;
    case JobOutcome::displaced:
      ++counters_.displaced;
      return;
    case JobOutcome::shed:
      ++counters_.shed;
      return;
    case JobOutcome::expired:
      ++counters_.expired;
      return;
    case JobOutcome::cancelled:
      ++counters_.cancelled;
      return;
  }
}

}  // namespace windtunnel::service
