#include "live/inbound.hpp"

#include <boost/asio/post.hpp>

#include "live/envelope_codec.hpp"

namespace windtunnel::live {

Inbound::Inbound(Transport& transport, asio::ip::tcp::socket socket)
    : transport_(transport),
      connection_(std::move(socket), transport.options_.body_bytes_max, *this),
      greeting_timeout_(transport.host_, [this] { give_up_greeting(); }) {
  greeting_timeout_.expires_after(transport.options_.greeting_timeout);
}

void Inbound::give_up_greeting() {
  // Posted, since it destroys the Timeout that is calling.
  asio::post(transport_.context_, lifetime_.guard([this] { connection_ended(); }));
}

void Inbound::greet(const Frame& frame) {
  const auto hello = greeting_of<Hello>(frame);
  if (!hello) {
    bad_frame("no greeting");
    return;
  }
  peer_ = hello->host;
  sender_ = transport_.greet(*this, *hello);
  if (sender_ == nullptr) {
    bad_frame("greeting of a process that cannot be");
    return;
  }
  greeting_timeout_.cancel();
  std::string welcome;
  write_greeting(welcome, Welcome{transport_.host_.id(), transport_.session_, sender_->received});
  connection_.send(welcome);
}

void Inbound::frame_arrived(const Frame& frame) {
  if (sender_ == nullptr) {
    greet(frame);
    return;
  }
  if (frame.type == FrameType::ack || frame.sequence == 0) {
    bad_frame("frame out of place");
    return;
  }
  owes_ack_ = true;
  if (frame.sequence <= sender_->received) {
    ++transport_.counters_.duplicates_dropped;
    return;
  }
  // Counts as received even where it cannot be read: sent again it would be no better.
  sender_->received = frame.sequence;
  auto envelope = envelope_of(frame, transport_.types_);
  if (!envelope) {
    bad_frame("unreadable body");
    return;
  }
  ++transport_.counters_.frames_received;
  transport_.host_.messages().deliver(peer_, std::move(*envelope));
}

void Inbound::batch_ended() {
  if (owes_ack_) {
    owes_ack_ = false;
    connection_.send(Frame{FrameType::ack, sender_->received, {}});
  }
}

void Inbound::connection_ended() {
  if (sender_ != nullptr && sender_->connection == this) {
    sender_->connection = nullptr;
  }
  transport_.remove(*this);
}

void Inbound::bad_frame(std::string_view reason) {
  transport_.report_bad_frame(connection_.remote(), reason);
  connection_ended();
}

}  // namespace windtunnel::live
