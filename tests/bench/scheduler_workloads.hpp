// The workloads that schedulers are measured with, the same for every scheduler: the hold model
// (each event schedules its successor) and timeouts that are reset twenty times for each time that
// one fires.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/instant.hpp"
#include "sim/scheduler.hpp"
#include "tests/bench/naive_scheduler.hpp"

namespace windtunnel::bench {

/// Cheap draws that cost both sides the same: a multiplicative generator and a table of exponential
/// increments.
class Draws {
 public:
  explicit Draws(double mean_ns) {
    for (std::size_t index = 0; index < table_.size(); ++index) {
      const double quantile =
          (static_cast<double>(index) + 0.5) / static_cast<double>(table_.size());
      table_[index] = static_cast<std::int64_t>(-mean_ns * std::log(1.0 - quantile));
    }
  }

  [[nodiscard]] std::uint64_t next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return state_ >> 33U;
  }
  /// The low bits of the draw spread the 2048 quantiles.
  [[nodiscard]] Duration increment() {
    const std::uint64_t draw = next();
    return Duration{table_[draw >> 20U] + static_cast<std::int64_t>(draw & 255U)};
  }
  [[nodiscard]] std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>((next() * bound) >> 31U);
  }

 private:
  std::uint64_t state_ = 42;
  std::array<std::int64_t, 2048> table_{};
};

/// What the world does for each event at least: a running digest over (instant, host).
class Digest {
 public:
  void add(TrueInstant at, std::uint32_t host) {
    const auto word = static_cast<std::uint64_t>(nanoseconds_of(at)) ^ (std::uint64_t{host} << 32U);
    value_ = (value_ ^ word) * 0x9E37'79B9'7F4A'7C15U;
    value_ ^= value_ >> 29U;
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

/// `pending` events; each draws an increment and schedules itself again.
template <typename SchedulerType>
class Hold {
 public:
  explicit Hold(std::uint32_t pending, double mean_ns = 1e6) : draws_(mean_ns) {
    for (std::uint32_t host = 0; host < pending; ++host) {
      hold(host);
    }
  }

  void run(std::uint64_t events) {
    for (std::uint64_t event = 0; event < events; ++event) {
      scheduler_.run_one();
    }
  }
  [[nodiscard]] std::uint64_t digest() const { return digest_.value(); }

 private:
  void hold(std::uint32_t host) {
    scheduler_.schedule(scheduler_.now() + draws_.increment(), [this, host] {
      digest_.add(scheduler_.now(), host);
      hold(host);
    });
  }

  SchedulerType scheduler_;
  Draws draws_;
  Digest digest_;
};

inline constexpr std::uint32_t kResetsPerFiring = 20;

/// What both timeout workloads share: how long host `host` waits, and what happens when a timeout
/// fires.
enum class Deadlines : std::uint8_t { constant, redrawn };

class TimeoutPlan {
 public:
  explicit TimeoutPlan(Deadlines deadlines) : deadlines_(deadlines) {}

  /// A second and up to half a second more: always the same of one host, or drawn at each reset.
  [[nodiscard]] Duration wait_of(std::uint32_t host) {
    const std::uint64_t draw =
        deadlines_ == Deadlines::redrawn ? draws_.next() : host * 2654435761U;
    return Duration{1'000'000'000 + static_cast<std::int64_t>(draw % 500'000'000U)};
  }
  [[nodiscard]] std::uint32_t any_host(std::uint32_t hosts) { return draws_.below(hosts); }

 private:
  Deadlines deadlines_;
  Draws draws_{1e6};
};

/// Timeouts on Scheduler's own kind for them.
class Timeouts {
 public:
  Timeouts(std::uint32_t hosts, Deadlines deadlines) : plan_(deadlines), hosts_(hosts) {
    for (std::uint32_t host = 0; host < hosts; ++host) {
      hosts_[host] = {this, host, {}};
      hosts_[host].timeout = scheduler_.create_timeout(&Timeouts::fire, &hosts_[host], host);
      reset(host);
    }
  }

  void run(std::uint64_t firings) {
    const std::uint64_t end = firings_ + firings;
    while (firings_ < end) {
      scheduler_.run_one();
    }
  }
  [[nodiscard]] std::uint64_t digest() const { return digest_.value(); }

 private:
  struct HostTimeout {
    Timeouts* owner;
    std::uint32_t host;
    sim::TimeoutId timeout;
  };

  void reset(std::uint32_t host) {
    scheduler_.arm(hosts_[host].timeout, scheduler_.now() + plan_.wait_of(host));
  }

  static void fire(void* context) {
    const auto& fired = *static_cast<HostTimeout*>(context);
    Timeouts& self = *fired.owner;
    ++self.firings_;
    self.digest_.add(self.scheduler_.now(), fired.host);
    self.reset(fired.host);
    for (std::uint32_t count = 0; count < kResetsPerFiring; ++count) {
      self.reset(self.plan_.any_host(static_cast<std::uint32_t>(self.hosts_.size())));
    }
  }

  sim::Scheduler scheduler_;
  TimeoutPlan plan_;
  std::vector<HostTimeout> hosts_;
  std::uint64_t firings_ = 0;
  Digest digest_;
};

/// The same by generations: a reset pushes another entry, and an entry of an old generation does
/// nothing.
class NaiveTimeouts {
 public:
  NaiveTimeouts(std::uint32_t hosts, Deadlines deadlines) : plan_(deadlines), generations_(hosts) {
    for (std::uint32_t host = 0; host < hosts; ++host) {
      reset(host);
    }
  }

  void run(std::uint64_t firings) {
    const std::uint64_t end = firings_ + firings;
    while (firings_ < end) {
      scheduler_.run_one();
    }
  }
  [[nodiscard]] std::uint64_t digest() const { return digest_.value(); }

 private:
  void reset(std::uint32_t host) {
    const std::uint32_t generation = ++generations_[host];
    scheduler_.schedule(scheduler_.now() + plan_.wait_of(host), [this, host, generation] {
      if (generations_[host] == generation) {
        fire(host);
      }
    });
  }

  void fire(std::uint32_t host) {
    ++firings_;
    digest_.add(scheduler_.now(), host);
    reset(host);
    for (std::uint32_t count = 0; count < kResetsPerFiring; ++count) {
      reset(plan_.any_host(static_cast<std::uint32_t>(generations_.size())));
    }
  }

  NaiveScheduler scheduler_;
  TimeoutPlan plan_;
  std::vector<std::uint32_t> generations_;
  std::uint64_t firings_ = 0;
  Digest digest_;
};

}  // namespace windtunnel::bench
