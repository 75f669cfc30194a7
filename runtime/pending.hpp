// Everything a host's code is waiting for, in one list per host: a crash walks the list and
// destroys each waiting coroutine at once. Waiting links a node that already exists, so it neither
// allocates nor searches.
#pragma once

#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include "runtime/completion.hpp"

namespace windtunnel {

class PendingList;

/// A node in its host's list of pending operations.
class PendingOperation {
 public:
  PendingOperation() = default;
  PendingOperation(const PendingOperation&) = delete;
  PendingOperation& operator=(const PendingOperation&) = delete;

 protected:
  virtual ~PendingOperation() { unlink(); }

  void link(PendingList& list);
  void unlink() {
    if (next_ != nullptr) {
      previous_->next_ = next_;
      next_->previous_ = previous_;
      next_ = previous_ = nullptr;
    }
  }
  [[nodiscard]] bool is_linked() const { return next_ != nullptr; }

 private:
  friend class PendingList;

  /// Destroys what waits without running it. The node is unlinked already; it may be destroyed by
  /// this call.
  virtual void abandon() noexcept {}

  PendingOperation* next_ = nullptr;
  PendingOperation* previous_ = nullptr;
};

/// The pending operations of one host.
class PendingList {
 public:
  PendingList() { head_.next_ = head_.previous_ = &head_; }
  PendingList(const PendingList&) = delete;
  PendingList& operator=(const PendingList&) = delete;
  ~PendingList() { abandon_all(); }

  /// Destroys everything that waits, newest first, including what destructors on the way add.
  void abandon_all() noexcept {
    while (head_.previous_ != &head_) {
      PendingOperation* operation = head_.previous_;
      operation->unlink();
      operation->abandon();
    }
  }

  [[nodiscard]] bool empty() const { return head_.next_ == &head_; }

 private:
  friend class PendingOperation;

  struct Head final : PendingOperation {};

  // The list is a ring through a head that never waits for anything.
  Head head_;
};

inline void PendingOperation::link(PendingList& list) {
  PendingOperation& head = list.head_;
  previous_ = head.previous_;
  next_ = &head;
  head.previous_->next_ = this;
  head.previous_ = this;
}

template <typename Signature>
class Waiter;

/// A place where at most one handler waits for `void(Args...)`.
template <typename... Args>
class Waiter<void(Args...)> final : public PendingOperation {
 public:
  Waiter() = default;
  ~Waiter() override = default;

  [[nodiscard]] bool is_waiting() const { return static_cast<bool>(completion_); }

  /// Starts waiting; nothing may wait here already.
  void wait(PendingList& list, Completion<void(Args...)>&& completion) {
    check(!completion_, "one operation at a time waits in one place");
    completion_ = std::move(completion);
    link(list);
  }

  /// Runs the handler now. The Waiter may be gone when this returns.
  void complete(Args... args) {
    unlink();
    completion_(std::move(args)...);
  }

  /// Takes the handler out without running it.
  [[nodiscard]] Completion<void(Args...)> release() {
    unlink();
    return std::move(completion_);
  }

 private:
  void abandon() noexcept override {
    // The handler may own the frame that this Waiter lives in: it must leave before it is
    // destroyed.
    auto completion = std::move(completion_);
    completion.reset();
  }

  Completion<void(Args...)> completion_;
};

/// Ends the wait with `operation_aborted` and default values, posted rather than run in place, so
/// that whoever cancels is not re-entered. Returns whether anything waited.
template <typename... Args>
bool cancel_wait(const asio::any_io_executor& executor, Waiter<void(error_code, Args...)>& waiter) {
  if (!waiter.is_waiting()) {
    return false;
  }
  asio::post(executor, [completion = waiter.release()]() mutable {
    completion(asio::error::operation_aborted, Args{}...);
  });
  return true;
}

/// Makes `waiter` wait for `handler`, which Asio's per-operation cancellation may end early.
template <typename Handler, typename... Args>
void wait_for(const asio::any_io_executor& executor, PendingList& list,
              Waiter<void(error_code, Args...)>& waiter, Handler&& handler) {
  auto slot = asio::get_associated_cancellation_slot(handler);
  waiter.wait(list,
              completion_on<void(error_code, Args...)>(executor, std::forward<Handler>(handler)));
  if (slot.is_connected()) {
    slot.assign([&waiter, &executor](asio::cancellation_type) { cancel_wait(executor, waiter); });
  }
}

}  // namespace windtunnel
