// One accepted connection: what a peer sends, without its duplicates, and the acknowledgements in
// return.
#pragma once

#include "live/connection.hpp"
#include "live/lifetime.hpp"
#include "live/transport.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::live {

class Inbound final : private Connection::Observer {
 public:
  Inbound(Transport& transport, asio::ip::tcp::socket socket);
  ~Inbound() = default;

  [[nodiscard]] const Endpoint& remote() const { return connection_.remote(); }

 private:
  void frame_arrived(const Frame& frame) override;
  void batch_ended() override;
  void connection_ended() override;
  void bad_frame(std::string_view reason) override;

  void greet(const Frame& frame);
  void give_up_greeting();

  Transport& transport_;
  Connection connection_;
  Timeout greeting_timeout_;
  HostId peer_;
  Transport::Sender* sender_ = nullptr;  ///< Null until the peer has greeted.
  bool owes_ack_ = false;
  Lifetime lifetime_;
};

}  // namespace windtunnel::live
