// One host's messages: who handles which type, which calls wait for an answer. The world underneath
// only carries envelopes; dispatch, calls and deadlines are the same code in simulation and live.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "runtime/id.hpp"
#include "runtime/instant.hpp"
#include "runtime/payload.hpp"
#include "runtime/pending.hpp"

namespace windtunnel {

class Host;

/// How the network treats a message. `stream`: in order, retransmitted, lost only with its
/// connection. `datagram`: may be lost, duplicated or overtaken.
enum class Delivery : std::uint8_t { stream, datagram };

/// What an envelope is to its receiver; the values are the frame types of the wire
/// (docs/architecture.md).
enum class EnvelopeKind : std::uint8_t { command = 1, response = 2, event = 3, refusal = 5 };

/// One message on its way.
struct Envelope {
  EnvelopeKind kind = EnvelopeKind::event;
  Delivery delivery = Delivery::stream;
  std::uint64_t call = 0;  ///< Pairs a response with its command; 0 for events.
  Payload payload;         ///< Empty in a refusal.
};

/// Ends a handler's subscription when destroyed.
class Subscription {
 public:
  Subscription() = default;
  Subscription(class Messenger& messenger, std::uint32_t token)
      : messenger_(&messenger), token_(token) {}
  Subscription(Subscription&& other) noexcept { *this = std::move(other); }
  Subscription& operator=(Subscription&& other) noexcept {
    std::swap(messenger_, other.messenger_);
    std::swap(token_, other.token_);
    return *this;
  }
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  ~Subscription();

 private:
  Messenger* messenger_ = nullptr;
  std::uint32_t token_ = 0;
};

/// The right to answer one command, once. Dropping it without an answer leaves the caller to its
/// deadline.
class ReplyTo {
 public:
  ReplyTo() = default;
  ReplyTo(HostId to, std::uint64_t call) : to_(to), call_(call) {}
  [[nodiscard]] HostId to() const { return to_; }
  [[nodiscard]] std::uint64_t call() const { return call_; }

 private:
  HostId to_;
  std::uint64_t call_ = 0;
};

class Messenger {
 public:
  /// The alarms of its calls are the host's and end with it: the host is half destroyed by the time
  /// that this is.
  explicit Messenger(Host& host) : host_(host) {}
  Messenger(const Messenger&) = delete;
  Messenger& operator=(const Messenger&) = delete;

  /// Sends `message` and forgets it.
  template <Named Message>
  void send(HostId to, Message message, Delivery delivery = Delivery::stream) {
    transmit(to, Envelope{EnvelopeKind::event, delivery, 0, Payload{std::move(message)}});
  }

  /// Runs `handle(from, Message&)` for each event of this type until the Subscription ends; a
  /// handle keeps no state of its own. One handler per type.
  template <Named Message, typename Handle>
  [[nodiscard]] Subscription on(Handle handle) {
    return subscribe(description_of<Message>().id,
                     Handler{[handle = std::move(handle)](HostId from, Envelope& envelope) {
                       handle(from, envelope.payload.as<Message>());
                     }});
  }

  /// Runs `handle(from, Request&, ReplyTo)` for each command of this type.
  template <Named Request, typename Handle>
  [[nodiscard]] Subscription serve(Handle handle) {
    return subscribe(description_of<Request>().id,
                     Handler{[handle = std::move(handle)](HostId from, Envelope& envelope) {
                       handle(from, envelope.payload.as<Request>(), ReplyTo{from, envelope.call});
                     }});
  }

  /// Answers a command.
  template <Named Response>
  void reply(const ReplyTo& to, Response response) {
    transmit(to.to(), Envelope{EnvelopeKind::response, Delivery::stream, to.call(),
                               Payload{std::move(response)}});
  }

  /// Sends a command and waits for its answer: void(error_code, Response). Errors: `timed_out` when
  /// `timeout` passes first, `connection_reset` when the peer's process is gone,
  /// `connection_refused` when nobody there serves this type, `operation_aborted` when Asio's
  /// per-operation cancellation ends the wait.
  template <Named Response, typename Request, typename Token>
    requires Named<std::remove_cvref_t<Request>>
  auto async_call(HostId to, Request&& request, Duration timeout, Token&& token) {
    return asio::async_initiate<Token, void(error_code, Response)>(
        [this](auto handler, HostId peer, Payload command, Duration limit) {
          const auto slot = asio::get_associated_cancellation_slot(handler);
          const std::uint64_t call =
              start_call(peer, std::move(command), limit,
                         completion_on<void(error_code, Payload), TakeResponse<Response>>(
                             executor(), std::move(handler)));
          cancel_by(slot, call);
        },
        token, to, Payload{std::remove_cvref_t<Request>(std::forward<Request>(request))}, timeout);
  }

  /// async_call() for code that is no coroutine and waits for nothing else: `handle(error_code,
  /// Response&&)` runs in place, on this host, and cannot be cancelled. It is destroyed without
  /// running when the process dies.
  template <Named Response, typename Handle>
  void call(HostId to, Payload request, Duration timeout, Handle handle) {
    static_cast<void>(
        start_call(to, std::move(request), timeout,
                   Completion<void(error_code, Payload)>{
                       [handle = std::move(handle)](error_code error, Payload payload) mutable {
                         TakeResponse<Response>{}(handle, error, std::move(payload));
                       }}));
  }

  // What the world underneath calls.

  /// An envelope arrived.
  void deliver(HostId from, Envelope&& envelope);
  /// The connection to `peer` is gone: calls to it fail now.
  void connection_lost(HostId peer);
  /// Drops every subscription and pending call without running anything (the process died).
  void forget_everything();

  [[nodiscard]] std::uint64_t unhandled() const { return unhandled_; }

 private:
  friend class Subscription;

  /// What is run for one type of message. A callable of the size of a pointer, which most are, lies
  /// in place of the pointer to it: among thousands of hosts neither is in the cache. It goes on to
  /// its end even where the Handler ends or moves meanwhile.
  class Handler {
   public:
    template <typename Callable>
    explicit Handler(Callable callable) {
      if constexpr (kFits<Callable>) {
        ::new (static_cast<void*>(state_.data())) Callable(std::move(callable));
        run_ = [](State state, HostId from, Envelope& envelope) {
          held_in<const Callable>(state)(from, envelope);
        };
      } else {
        using Held = Shared<Callable>;
        ::new (static_cast<void*>(state_.data())) Held*(new Held{std::move(callable)});
        run_ = [](State state, HostId from, Envelope& envelope) {
          Held* const held = held_in<Held* const>(state);
          ++held->users;
          const std::unique_ptr<Held, void (*)(Held*)> user{held, &Held::leave};
          std::as_const(held->callable)(from, envelope);
        };
        destroy_ = [](State state) { Held::leave(held_in<Held* const>(state)); };
      }
    }
    Handler(Handler&& other) noexcept
        : state_(other.state_),
          run_(other.run_),
          destroy_(std::exchange(other.destroy_, nullptr)) {}
    Handler& operator=(Handler&& other) noexcept {
      std::swap(state_, other.state_);
      std::swap(run_, other.run_);
      std::swap(destroy_, other.destroy_);
      return *this;
    }
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;
    ~Handler() {
      if (destroy_ != nullptr) {
        destroy_(state_);
      }
    }

    void operator()(HostId from, Envelope& envelope) const { run_(state_, from, envelope); }

   private:
    struct alignas(void*) State : std::array<std::byte, sizeof(void*)> {};

    /// A callable of the Handler and of those who run it.
    template <typename Callable>
    struct Shared {
      Callable callable;
      std::uint32_t users = 1;

      static void leave(Shared* shared) {
        if (--shared->users == 0) {
          delete shared;
        }
      }
    };

    template <typename Callable>
    static constexpr bool kFits =
        sizeof(Callable) <= sizeof(State) && std::is_trivially_copyable_v<Callable>;

    template <typename Held>
    [[nodiscard]] static Held& held_in(const State& state) {
      return *std::launder(reinterpret_cast<Held*>(state.data()));
    }

    State state_{};
    void (*run_)(State, HostId, Envelope&) = nullptr;
    void (*destroy_)(State) = nullptr;  ///< Null where nothing is to be destroyed.
  };

  struct Subscriber {
    std::uint32_t type;
    std::uint32_t token;
    Handler handler;
  };

  struct PendingCall {
    Messenger* messenger = nullptr;
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    HostId peer;
    std::uint64_t alarm = 0;
    Waiter<void(error_code, Payload)> waiter;
  };

  template <typename Response>
  struct TakeResponse {
    template <typename Handler>
    void operator()(Handler& handler, error_code error, Payload payload) const {
      if (!error && !payload.holds<Response>()) {
        error = asio::error::invalid_argument;
      }
      handler(error, error ? Response{} : std::move(payload.as<Response>()));
    }
  };

  [[nodiscard]] const asio::any_io_executor& executor() const;
  void transmit(HostId to, Envelope&& envelope);
  [[nodiscard]] Subscription subscribe(std::uint32_t type, Handler handler);
  void unsubscribe(std::uint32_t token);
  [[nodiscard]] std::uint64_t start_call(HostId to, Payload request, Duration timeout,
                                         Completion<void(error_code, Payload)> done);
  template <typename Slot>
  void cancel_by(Slot slot, std::uint64_t call) {
    if (slot.is_connected()) {
      slot.assign([this, call](asio::cancellation_type) { cancel_call(call); });
    }
  }
  void cancel_call(std::uint64_t call);
  [[nodiscard]] Completion<void(error_code, Payload)> retire(PendingCall& call);
  void finish_call(PendingCall& call, error_code error, Payload payload);
  PendingCall& free_call();
  PendingCall* find_call(std::uint64_t id);

  // The first lines of a host: who serves what came last, and is likely to serve what comes next,
  // is the first subscriber.
  Host& host_;
  boost::container::small_vector<Subscriber, 6> subscribers_;  // Most hosts serve few types.
  std::uint32_t next_token_ = 1;
  std::deque<PendingCall> calls_;  // Slots are reused; their addresses are what alarms hold.
  std::vector<std::uint32_t> free_calls_;
  std::uint64_t unhandled_ = 0;
};

}  // namespace windtunnel
