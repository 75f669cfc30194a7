#include "live/link.hpp"

#include <algorithm>

#include "live/facts.hpp"

namespace windtunnel::live {

namespace {

/// Where nobody listens at a local port, the kernel may pick that very port for the socket's own
/// end and connect the two (TCP's simultaneous open). Kept, it would hold the port of a peer that
/// starts.
bool is_to_itself(const asio::ip::tcp::socket& socket) {
  error_code error;
  const Endpoint local = socket.local_endpoint(error);
  return !error && local == socket.remote_endpoint(error);
}

}  // namespace

Link::Link(Transport& transport, HostId peer)
    : transport_(transport),
      peer_(peer),
      backoff_(transport.options_.backoff_min),
      timeout_(transport.host_, [this] { on_timeout(); }) {}

void Link::send(FrameType type, std::string_view body) {
  Unacknowledged& queued = queue_.emplace_back(Unacknowledged{++last_sequence_, {}, false});
  write_frame(queued.frame, {type, queued.sequence, body});
  queue_bytes_ += queued.frame.size();
  if (queue_bytes_ > transport_.options_.queue_bytes_max) {
    lose("queue full");
  } else if (state_ == State::established) {
    transmit(queued);
  } else if (state_ == State::idle) {
    start();
  }
}

void Link::transmit(Unacknowledged& frame) {
  ++(frame.was_sent ? transport_.counters_.frames_retransmitted : transport_.counters_.frames_sent);
  frame.was_sent = true;
  connection_->send(frame.frame);
}

void Link::start() {
  if (transport_.host_.now() >= not_before_) {
    connect();
  } else if (was_refused_) {
    // Waiting would only hold up callers, who may have others to turn to.
    lose("connection refused");
  } else {
    state_ = State::waiting;
    timeout_.expires_at(not_before_);
  }
}

void Link::connect() {
  const HostEntry* entry = transport_.hosts_.find(peer_);
  if (entry == nullptr) {
    lose("unknown host");
    return;
  }
  state_ = State::connecting;
  timeout_.expires_after(transport_.options_.connect_timeout);
  opening_.emplace(transport_.context_);
  opening_->async_connect(entry->endpoint,
                          lifetime_.guard([this, attempt = ++attempt_](error_code error) {
                            if (attempt == attempt_) {
                              finish_connecting(error);
                            }
                          }));
}

void Link::finish_connecting(error_code error) {
  was_refused_ = error == asio::error::connection_refused || (!error && is_to_itself(*opening_));
  if (was_refused_) {
    close();
    push_back_next_attempt();
    lose("connection refused");
    return;
  }
  if (error) {
    retry_later();
    return;
  }
  ++transport_.counters_.connections_opened;
  Observer& self = *this;
  connection_ =
      std::make_unique<Connection>(std::move(*opening_), transport_.options_.body_bytes_max, self);
  opening_.reset();
  state_ = State::greeting;
  timeout_.expires_after(transport_.options_.greeting_timeout);
  std::string hello;
  write_greeting(hello, Hello{transport_.host_.id(), transport_.session_,
                              endpoint_text(transport_.endpoint_)});
  connection_->send(hello);
}

void Link::frame_arrived(const Frame& frame) {
  if (state_ == State::established) {
    if (frame.type == FrameType::ack && frame.body.empty() && frame.sequence <= last_sequence_) {
      take_acknowledgement(frame.sequence);
    } else {
      bad_frame("frame out of place");
    }
    return;
  }
  const auto welcome = greeting_of<Welcome>(frame);
  if (welcome && welcome->host == peer_ && welcome->received <= last_sequence_) {
    establish(*welcome);
  } else {
    bad_frame("no fitting greeting");
  }
}

void Link::establish(const Welcome& welcome) {
  if (peer_session_ && *peer_session_ != welcome.session) {
    // The process that the queue was meant for has ended; nothing of it may reach its successor.
    auto connection = std::move(connection_);
    lose("process restarted");
    connection_ = std::move(connection);
  }
  state_ = State::established;
  timeout_.cancel();
  backoff_ = transport_.options_.backoff_min;
  not_before_ = Instant{};
  failing_since_.reset();
  if (peer_session_ != welcome.session) {
    peer_session_ = welcome.session;
    transport_.host_.journal().record(PeerConnected{peer_, welcome.session});
  }
  take_acknowledgement(welcome.received);
  for (Unacknowledged& frame : queue_) {
    transmit(frame);
  }
}

void Link::take_acknowledgement(std::uint64_t sequence) {
  while (!queue_.empty() && queue_.front().sequence <= sequence) {
    queue_bytes_ -= queue_.front().frame.size();
    queue_.pop_front();
  }
}

void Link::connection_ended() {
  if (state_ == State::established) {
    // Whether the process ended or the connection alone shows at the next attempt, which is made
    // even where nothing is queued: calls may be waiting for what was acknowledged.
    close();
    connect();
  } else {
    retry_later();
  }
}

void Link::bad_frame(std::string_view reason) {
  transport_.report_bad_frame(connection_->remote(), reason);
  retry_later();
}

void Link::retry_later() {
  close();
  const Instant now = transport_.host_.now();
  if (!failing_since_) {
    failing_since_ = now;
  }
  push_back_next_attempt();
  if (now - *failing_since_ >= transport_.options_.give_up_after) {
    lose("no answer");
    return;
  }
  state_ = State::waiting;
  timeout_.expires_at(not_before_);
}

void Link::push_back_next_attempt() {
  not_before_ = transport_.host_.now() + backoff_;
  backoff_ = std::min(2 * backoff_, transport_.options_.backoff_max);
}

void Link::on_timeout() {
  if (state_ == State::waiting) {
    connect();
  } else {
    retry_later();
  }
}

void Link::peer_greeted(SessionId session) {
  if (peer_session_ && *peer_session_ != session) {
    lose("process restarted");
  }
  backoff_ = transport_.options_.backoff_min;
  not_before_ = Instant{};
  if (state_ == State::waiting) {
    connect();
  }
}

void Link::abandon() {
  close();
  queue_.clear();
  queue_bytes_ = 0;
}

void Link::break_connection() {
  if (connection_) {
    connection_ended();
  }
}

void Link::lose(std::string_view reason) {
  const bool was_known = peer_session_.has_value();
  abandon();
  peer_session_.reset();
  failing_since_.reset();
  transport_.announce_loss(peer_, reason, was_known);
}

void Link::close() {
  state_ = State::idle;
  timeout_.cancel();
  ++attempt_;
  opening_.reset();
  connection_.reset();
}

}  // namespace windtunnel::live
