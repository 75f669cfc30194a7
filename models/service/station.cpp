#include "models/service/station.hpp"

#include <algorithm>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::service {

namespace {

constexpr double kNanosecondsPerSecond = 1e9;

}  // namespace

Station::Station(StationOptions options, const StationStreams& streams, Instant now)
    : pauses_(streams.pauses),
      options_(std::move(options)),
      work_(options_.work),
      work_stream_(streams.work),
      clock_(now),
      now_(now),
      started_(now),
      last_empty_(now),
      running_(table_, options_.workers),
      queue_(table_, options_.priorities) {
  check(options_.workers > 0, "a station has a worker");
  if (options_.pauses) {
    check(mean_of(options_.pauses->interval) > Duration::zero(), "pauses are some time apart");
    next_pause_ = instant_after(now, sample(options_.pauses->interval, pauses_));
  }
}

JobId Station::arrive(Instant now, const Job& job) {
  check(job.priority < options_.priorities, "a job's priority is one of the station's");
  advance(now);
  ++counters_.arrived;
  const Slot slot = table_.take();
  const JobId id = table_.id_of(slot);
  // All that are present may end at once.
  finished_.reserve(table_.capacity() + 1);
  JobEntry& entry = table_[slot];
  entry.job = job;
  entry.arrived = entry.started = now;
  entry.work = job.work ? *job.work : work_(work_stream_);
  if (queue_.empty()) {
    last_empty_ = now;
  }
  entry.wait_max = std::visit([&](const auto& control) { return control.wait_max(view({})); },
                              options_.delay_control);
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
  table_.give_back(*slot);
  dispatch();
  return true;
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
  if (polled_ == finished_.size()) {
    finished_.clear();
    polled_ = 0;
    return false;
  }
  finished = finished_[polled_++];
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
  const double elapsed = static_cast<double>((now - now_).count()) / kNanosecondsPerSecond;
  counters_.present_seconds += elapsed * static_cast<double>(present());
  counters_.busy_seconds += elapsed * static_cast<double>(busy());
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
  begin_stall(instant_after(now_, sample(options_.pauses->length, pauses_)));
  next_pause_ = instant_after(stalled_until_, sample(options_.pauses->interval, pauses_));
}

void Station::dispatch() {
  if (clock_.is_stopped()) {
    return;
  }
  while (busy() < options_.workers) {
    if (queue_.empty()) {
      std::visit([](auto& control) { control.queue_emptied(); }, options_.delay_control);
      return;
    }
    const std::uint32_t level = queue_.most_urgent_level();
    // Under LIFO the dead gather at the other end, where nobody would ever find them.
    if (give_up_dead(queue_.oldest(level)) || give_up_dead(choose(level))) {
      continue;
    }
    const Slot slot = choose(level);
    take_from_queue(slot);
    const QueueView queue = view(now_ - table_[slot].arrived);
    if (std::visit([&](auto& control) { return control.sheds(queue); }, options_.delay_control)) {
      finish(slot, JobOutcome::shed);
    } else {
      start(slot);
    }
  }
}

bool Station::prefers_newest() const {
  return options_.discipline == Discipline::lifo ||
         (options_.discipline == Discipline::adaptive_lifo &&
          now_ - last_empty_ > options_.adaptive_after);
}

Slot Station::choose(std::uint32_t level) const {
  return prefers_newest() ? queue_.newest(level) : queue_.oldest(level);
}

bool Station::is_expired(const JobEntry& entry) const {
  return options_.expired == Expired::drop && now_ >= entry.job.deadline;
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
  const Duration work = warming(options_.warm_up, now_ - started_, entry.work);
  entry.finish = clock_.at(now_) + work.count();
  running_.add(slot);
}

/// Whoever would be served last of all gives way, the newcomer included.
bool Station::make_room_for(std::uint32_t priority) {
  const bool starts_at_once = !clock_.is_stopped() && busy() < options_.workers;
  if (starts_at_once || queue_.size() < options_.queue_max) {
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
  const bool was_started = entry.state == JobState::running;
  finished_.push_back({table_.id_of(slot), entry.job.tag, outcome, entry.arrived,
                       was_started ? entry.started : now_, now_});
  count(outcome);
  if (outcome == JobOutcome::served && entry.job.hold == WorkerHold::until_released) {
    entry.state = JobState::held;
    ++held_;
  } else {
    table_.give_back(slot);
  }
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
