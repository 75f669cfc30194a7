// One TCP connection that carries frames: reads and parses, queues and writes. What frames mean,
// and what follows an end, its Observer decides.
#pragma once

#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "live/endpoint.hpp"
#include "live/lifetime.hpp"
#include "runtime/frame.hpp"

namespace windtunnel::live {

class Connection {
 public:
  /// Any of these may destroy the Connection.
  class Observer {
   public:
    Observer() = default;
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;
    virtual void frame_arrived(const Frame& frame) = 0;
    /// All frames of one read have been given: the time to acknowledge them together.
    virtual void batch_ended() = 0;
    /// Nothing comes after this. `bad_frame`: the peer sent what is no frame.
    virtual void connection_ended() = 0;
    virtual void bad_frame(std::string_view reason) = 0;

   protected:
    ~Observer() = default;
  };

  /// Starts reading a connected socket.
  Connection(asio::ip::tcp::socket socket, std::size_t body_bytes_max, Observer& observer);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Queues bytes, which are written together with what else this turn of the loop queues.
  void send(std::string_view bytes);
  void send(const Frame& frame);

  [[nodiscard]] const Endpoint& remote() const { return remote_; }

 private:
  void wait_readable();
  void read();
  void parse(std::string_view bytes);
  void schedule_flush();
  void flush();

  asio::ip::tcp::socket socket_;
  Endpoint remote_;
  Observer& observer_;
  FrameParser parser_;
  std::string outgoing_;
  std::size_t written_ = 0;
  bool flush_scheduled_ = false;
  Lifetime lifetime_;
};

}  // namespace windtunnel::live
