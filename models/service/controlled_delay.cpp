#include "models/service/controlled_delay.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/check.hpp"

namespace windtunnel::service {

namespace {

void check_target(const DelayTarget& options) {
  check(options.target > Duration::zero() && options.interval > options.target,
        "controlled delay needs 0 < target < interval");
}

// A pause shorter than this many intervals resumes at the drop rate that was reached before it.
constexpr std::int64_t kRememberedIntervals = 16;

}  // namespace

Codel::Codel(DelayTarget options) : options_(options) {
  check_target(options);
}

Instant Codel::next_drop_after(Instant instant) const {
  const double interval = static_cast<double>(options_.interval.count());
  return instant + Duration{std::llround(interval / std::sqrt(static_cast<double>(count_)))};
}

bool Codel::is_above_target_for_an_interval(const QueueView& queue) {
  if (queue.waited < options_.target || !queue.others_wait) {
    first_above_ = Instant::max();
    return false;
  }
  if (first_above_ == Instant::max()) {
    first_above_ = queue.now + options_.interval;
    return false;
  }
  return queue.now >= first_above_;
}

bool Codel::sheds(const QueueView& queue) {
  const bool may_drop = is_above_target_for_an_interval(queue);
  if (!may_drop) {
    is_dropping_ = owes_next_drop_ = false;
    return false;
  }
  if (!is_dropping_) {
    start_dropping(queue.now);
    return true;
  }
  if (owes_next_drop_) {
    drop_next_ = next_drop_after(drop_next_);
    owes_next_drop_ = false;
  }
  if (queue.now < drop_next_) {
    return false;
  }
  ++count_;
  owes_next_drop_ = true;
  return true;
}

void Codel::start_dropping(Instant now) {
  is_dropping_ = true;
  const std::uint32_t delta = count_ - last_count_;
  const bool was_recent = now - drop_next_ < kRememberedIntervals * options_.interval;
  count_ = delta > 1 && was_recent ? delta : 1;
  drop_next_ = next_drop_after(now);
  last_count_ = count_;
}

void Codel::queue_emptied() {
  first_above_ = Instant::max();
  is_dropping_ = owes_next_drop_ = false;
}

FollyCodel::FollyCodel(DelayTarget options) : options_(options) {
  check_target(options);
}

bool FollyCodel::sheds(Instant now, Duration waited) {
  if (now > interval_end_ && !starts_anew_) {
    starts_anew_ = true;
    interval_end_ = now + options_.interval;
    is_overloaded_ = least_delay_ > options_.target;
  }
  if (starts_anew_) {
    starts_anew_ = false;
    least_delay_ = waited;
    return false;
  }
  least_delay_ = std::min(least_delay_, waited);
  return is_overloaded_ && waited > 2 * options_.target;
}

std::uint32_t FollyCodel::load_percent() const {
  const std::int64_t percent = 100 * least_delay_.count() / (2 * options_.target).count();
  return static_cast<std::uint32_t>(std::min<std::int64_t>(100, percent));
}

}  // namespace windtunnel::service
