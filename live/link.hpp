// The way to one peer: the frames that it has not acknowledged, and the connection that is open, or
// being opened, to bring them there.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "live/connection.hpp"
#include "live/transport.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::live {

class Link final : private Connection::Observer {
 public:
  Link(Transport& transport, HostId peer);
  ~Link() = default;

  /// Queues a frame and sends it as soon as there is a connection.
  void send(FrameType type, std::string_view body);

  /// Drops the queue and the connection without telling anyone.
  void abandon();

  /// The connection broke, as far as this side can tell.
  void break_connection();

  /// The peer greeted with `session`: it lives, perhaps anew.
  void peer_greeted(SessionId session);

 private:
  /// `idle`: nothing to do. `waiting`: for the back-off to pass. `greeting`: for the peer's
  /// Welcome.
  enum class State : std::uint8_t { idle, waiting, connecting, greeting, established };

  struct Unacknowledged {
    std::uint64_t sequence;
    std::string frame;
    bool was_sent;
  };

  void frame_arrived(const Frame& frame) override;
  void batch_ended() override {}
  void connection_ended() override;
  void bad_frame(std::string_view reason) override;

  void start();
  void connect();
  void finish_connecting(error_code error);
  void establish(const Welcome& welcome);
  void take_acknowledgement(std::uint64_t sequence);
  void transmit(Unacknowledged& frame);
  void retry_later();
  void push_back_next_attempt();
  void lose(std::string_view reason);
  void close();
  void on_timeout();

  Transport& transport_;
  HostId peer_;
  State state_ = State::idle;
  std::optional<asio::ip::tcp::socket> opening_;
  std::uint32_t attempt_ = 0;
  std::unique_ptr<Connection> connection_;
  /// The process that the queued frames are meant for, once it has been met.
  std::optional<SessionId> peer_session_;
  std::deque<Unacknowledged> queue_;
  std::size_t queue_bytes_ = 0;
  std::uint64_t last_sequence_ = 0;
  Duration backoff_;
  Instant not_before_{};
  bool was_refused_ = false;  ///< The last attempt: the host is there, its process is not.
  std::optional<Instant> failing_since_;
  Timeout timeout_;
  Lifetime lifetime_;
};

}  // namespace windtunnel::live
