// How much a worker has got done: time that runs at the machine's speed and stands still while the
// machine does. A pause of all workers, or a slower machine, moves this one clock instead of every
// job.
#pragma once

#include <cstdint>

#include "runtime/check.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::service {

/// A machine's speed in thousandths of its nominal one.
using SpeedPermille = std::uint32_t;
inline constexpr SpeedPermille kFullSpeed = 1000;

/// Work is counted in nanoseconds of a worker at full speed. Exact at full speed; otherwise one
/// change of speed rounds by less than a nanosecond.
class WorkClock {
 public:
  explicit WorkClock(Instant now) : since_(now) {}

  [[nodiscard]] std::int64_t at(Instant now) const {
    return work_ + (is_stopped_ ? 0 : scaled((now - since_).count()));
  }

  /// The first instant at which `work` is done; the last instant there is, while stopped.
  [[nodiscard]] Instant when(std::int64_t work) const {
    if (work <= work_) {
      return since_;
    }
    if (is_stopped_ || speed_ == 0) {
      return Instant::max();
    }
    return instant_after(since_, Duration{unscaled(work - work_)});
  }

  void set_speed(Instant now, SpeedPermille speed) {
    rebase(now);
    speed_ = speed;
  }
  void stop(Instant now) {
    rebase(now);
    is_stopped_ = true;
  }
  void resume(Instant now) {
    rebase(now);
    is_stopped_ = false;
  }
  [[nodiscard]] bool is_stopped() const { return is_stopped_; }

 private:
  void rebase(Instant now) {
    check(now >= since_, "a work clock does not go back");
    work_ = at(now);
    since_ = now;
  }

  // Split, so that spans of years do not overflow.
  [[nodiscard]] std::int64_t scaled(std::int64_t elapsed) const {
    if (speed_ == kFullSpeed) {
      return elapsed;
    }
    const std::int64_t speed = speed_;
    return elapsed / kScale * speed + elapsed % kScale * speed / kScale;
  }
  /// The least elapsed time that scales to `work`.
  [[nodiscard]] std::int64_t unscaled(std::int64_t work) const {
    if (speed_ == kFullSpeed) {
      return work;  // Divisions are dear, and machines are rarely slow.
    }
    const std::int64_t speed = speed_;
    return work / speed * kScale + (work % speed * kScale + speed - 1) / speed;
  }

  static constexpr std::int64_t kScale = kFullSpeed;

  Instant since_;
  std::int64_t work_ = 0;
  SpeedPermille speed_ = kFullSpeed;
  bool is_stopped_ = false;
};

}  // namespace windtunnel::service
