// Waiting for time to pass on a host's own clock: Timer for coroutines, Timeout for deadlines that
// are moved again and again.
#pragma once

#include <functional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>

#include "runtime/host.hpp"

namespace windtunnel {

/// A one-shot timer with the interface of Asio's own, for coroutines and handlers.
class Timer {
 public:
  explicit Timer(Host& host) : host_(host), alarm_(host.create_alarm(&Timer::expire, this)) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() {
    cancel();
    host_.destroy_alarm(alarm_);
  }

  /// Sets the deadline; a pending wait ends with `operation_aborted`, as with Asio's timers.
  void expires_at(Instant deadline) {
    cancel();
    deadline_ = deadline;
  }
  void expires_after(Duration span) { expires_at(instant_after(host_.now(), span)); }
  [[nodiscard]] Instant expiry() const { return deadline_; }

  /// void(error_code) at the deadline. At most one wait at a time.
  template <typename Token>
  auto async_wait(Token&& token) {
    return asio::async_initiate<Token, void(error_code)>(
        [this](auto handler) {
          wait_for(host_.executor(), host_.pending(), waiter_, std::move(handler));
          host_.set_alarm(alarm_, deadline_);
        },
        token);
  }

  /// Ends a pending wait with `operation_aborted`.
  void cancel() {
    if (cancel_wait(host_.executor(), waiter_)) {
      host_.clear_alarm(alarm_);
    }
  }

 private:
  static void expire(void* self) {
    auto& timer = *static_cast<Timer*>(self);
    if (timer.waiter_.is_waiting()) {
      timer.waiter_.complete(error_code{});
    }
  }

  Host& host_;
  AlarmId alarm_;
  Instant deadline_{};
  Waiter<void(error_code)> waiter_;
};

/// A deadline with a fixed handler, made to be moved often: pushing it back costs a store.
class Timeout {
 public:
  Timeout(Host& host, std::function<void()> on_expiry)
      : host_(host),
        on_expiry_(std::move(on_expiry)),
        alarm_(host.create_alarm(&Timeout::expire, this)) {}
  Timeout(const Timeout&) = delete;
  Timeout& operator=(const Timeout&) = delete;
  ~Timeout() { host_.destroy_alarm(alarm_); }

  void expires_at(Instant deadline) { host_.set_alarm(alarm_, deadline); }
  void expires_after(Duration span) { expires_at(instant_after(host_.now(), span)); }
  void cancel() { host_.clear_alarm(alarm_); }
  [[nodiscard]] AlarmId alarm() const { return alarm_; }

 private:
  static void expire(void* self) { static_cast<Timeout*>(self)->on_expiry_(); }

  Host& host_;
  std::function<void()> on_expiry_;
  AlarmId alarm_;
};

/// Waits for `span` on the host's clock.
inline asio::awaitable<void> sleep_for(Host& host, Duration span) {
  Timer timer{host};
  timer.expires_after(span);
  co_await timer.async_wait(asio::deferred);
}

/// Runs a coroutine on its host. What it throws is a programmer's mistake and ends the run.
inline void spawn(Host& host, asio::awaitable<void> coroutine) {
  asio::co_spawn(host.executor(), std::move(coroutine), [](std::exception_ptr failure) {
    if (failure) {
      std::rethrow_exception(failure);
    }
  });
}

}  // namespace windtunnel
