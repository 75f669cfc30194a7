#include "runtime/messenger.hpp"

#include <algorithm>

#include "runtime/host.hpp"

namespace windtunnel {

namespace {

constexpr std::uint64_t call_id(std::uint32_t generation, std::uint32_t slot) {
  return (std::uint64_t{generation} << 32) | slot;
}

}  // namespace

Subscription::~Subscription() {
  if (messenger_ != nullptr) {
    messenger_->unsubscribe(token_);
  }
}

const asio::any_io_executor& Messenger::executor() const {
  return host_.executor();
}

void Messenger::transmit(HostId to, Envelope&& envelope) {
  host_.transmit(to, std::move(envelope));
}

Subscription Messenger::subscribe(std::uint32_t type, Handler handler) {
  const bool taken = std::any_of(subscribers_.begin(), subscribers_.end(),
                                 [&](const Subscriber& s) { return s.type == type; });
  check(!taken, "one handler serves one message type on a host");
  const std::uint32_t token = next_token_++;
  subscribers_.push_back({type, token, std::move(handler)});
  return Subscription{*this, token};
}

void Messenger::unsubscribe(std::uint32_t token) {
  const auto ended = std::find_if(subscribers_.begin(), subscribers_.end(),
                                  [&](const Subscriber& s) { return s.token == token; });
  if (ended != subscribers_.end()) {
    subscribers_.erase(ended);
  }
}

void Messenger::deliver(HostId from, Envelope&& envelope) {
  if (envelope.kind == EnvelopeKind::response || envelope.kind == EnvelopeKind::refusal) {
    if (PendingCall* call = find_call(envelope.call)) {
      const bool refused = envelope.kind == EnvelopeKind::refusal;
      finish_call(*call, refused ? error_code{asio::error::connection_refused} : error_code{},
                  std::move(envelope.payload));
    }
    return;
  }
  const std::uint32_t type = envelope.payload.type().id;
  for (Subscriber& subscriber : subscribers_) {
    if (subscriber.type == type) {
      Subscriber& first = subscribers_.front();
      if (&subscriber != &first) {
        std::swap(subscriber, first);
      }
      first.handler(from, envelope);
      return;
    }
  }
  ++unhandled_;
  if (envelope.kind == EnvelopeKind::command) {
    transmit(from, Envelope{EnvelopeKind::refusal, Delivery::stream, envelope.call, {}});
  }
}

Messenger::PendingCall& Messenger::free_call() {
  if (free_calls_.empty()) {
    PendingCall& call = calls_.emplace_back();
    call.messenger = this;
    call.slot = static_cast<std::uint32_t>(calls_.size() - 1);
    call.generation = 1;
    call.alarm = host_.create_alarm(
        [](void* context) {
          auto& expired = *static_cast<PendingCall*>(context);
          if (expired.waiter.is_waiting()) {
            expired.messenger->finish_call(expired, asio::error::timed_out, {});
          }
        },
        &call);
    return call;
  }
  PendingCall& call = calls_[free_calls_.back()];
  free_calls_.pop_back();
  return call;
}

Messenger::PendingCall* Messenger::find_call(std::uint64_t id) {
  const auto slot = static_cast<std::uint32_t>(id);
  if (slot >= calls_.size()) {
    return nullptr;
  }
  PendingCall& call = calls_[slot];
  const bool matches =
      call.generation == static_cast<std::uint32_t>(id >> 32) && call.waiter.is_waiting();
  return matches ? &call : nullptr;
}

std::uint64_t Messenger::start_call(HostId to, Payload request, Duration timeout,
                                    Completion<void(error_code, Payload)> done) {
  PendingCall& call = free_call();
  call.peer = to;
  call.waiter.wait(host_.pending(), std::move(done));
  host_.set_alarm(call.alarm, instant_after(host_.now(), timeout));
  const std::uint64_t id = call_id(call.generation, call.slot);
  transmit(to, Envelope{EnvelopeKind::command, Delivery::stream, id, std::move(request)});
  return id;
}

Completion<void(error_code, Payload)> Messenger::retire(PendingCall& call) {
  host_.clear_alarm(call.alarm);
  ++call.generation;
  free_calls_.push_back(call.slot);
  return call.waiter.release();
}

void Messenger::finish_call(PendingCall& call, error_code error, Payload payload) {
  retire(call)(error, std::move(payload));
}

void Messenger::cancel_call(std::uint64_t id) {
  if (PendingCall* call = find_call(id)) {
    asio::post(executor(), [done = retire(*call)]() mutable {
      done(asio::error::operation_aborted, Payload{});
    });
  }
}

void Messenger::connection_lost(HostId peer) {
  // By index, since a handler may start further calls.
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    if (calls_[i].waiter.is_waiting() && calls_[i].peer == peer) {
      finish_call(calls_[i], asio::error::connection_reset, {});
    }
  }
}

void Messenger::forget_everything() {
  subscribers_.clear();
  free_calls_.clear();
  for (PendingCall& call : calls_) {
    host_.clear_alarm(call.alarm);
    call.waiter.release().reset();
    ++call.generation;
    free_calls_.push_back(call.slot);
  }
}

}  // namespace windtunnel
