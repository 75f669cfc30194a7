// Messages over TCP. Each host opens one connection to each peer it sends to and sends all its
// commands, responses and events on it; only acknowledgements come back on it. So each direction
// between two hosts has one order, one sequence and one fate, as in the simulated network, and no
// reply depends on how its command came.
//
// At most once: frames carry sequence ids that a process never reuses; the receiver drops what it
// has seen from that process and acknowledges cumulatively; the sender keeps what is not
// acknowledged and sends it again on a new connection to the same process, never to a later one. A
// datagram travels like the rest, which its contract allows. Peers are trusted: there is neither
// authentication nor encryption.
#pragma once

#include <map>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "live/greeting.hpp"
#include "live/host_table.hpp"
#include "live/lifetime.hpp"
#include "live/type_registry.hpp"
#include "runtime/host.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::live {

struct TransportOptions {
  std::size_t body_bytes_max = std::size_t{64} << 20;
  /// Unacknowledged frames to one peer; more is a loss of the connection.
  std::size_t queue_bytes_max = std::size_t{128} << 20;
  Duration connect_timeout = std::chrono::seconds{3};
  /// For the greeting on a new connection, on either side.
  Duration greeting_timeout = std::chrono::seconds{3};
  /// Between attempts to connect; doubles from the first to the last. What is sent to a port that
  /// refused is lost at once until the next attempt.
  Duration backoff_min = std::chrono::milliseconds{5};
  Duration backoff_max = std::chrono::milliseconds{50};
  /// A peer that neither answers nor refuses is taken for lost after this long.
  Duration give_up_after = std::chrono::seconds{25};
};

struct TransportCounters {
  std::uint64_t frames_sent = 0;
  std::uint64_t frames_retransmitted = 0;
  std::uint64_t frames_received = 0;
  std::uint64_t duplicates_dropped = 0;
  std::uint64_t bad_frames = 0;
  std::uint64_t connections_opened = 0;
  std::uint64_t peers_lost = 0;
};

class Link;
class Inbound;

class Transport {
 public:
  /// Listens at `listen`; throws boost::system::system_error where it cannot. `types` and `hosts`
  /// outlive the Transport.
  Transport(asio::io_context& context, Host& host, const TypeRegistry& types, HostTable& hosts,
            const Endpoint& listen, TransportOptions options);
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  ~Transport();

  void transmit(HostId to, const Envelope& envelope);
  void abandon_connection(HostId peer);

  /// Breaks every connection as a failing network would; the session goes on. For tests.
  void break_connections();

  /// Where it listens, with the port that the kernel chose.
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] SessionId session() const { return session_; }
  [[nodiscard]] const TransportCounters& counters() const { return counters_; }

 private:
  friend class Link;
  friend class Inbound;

  /// What is known of a process that sends to this host.
  struct Sender {
    SessionId session;
    std::uint64_t received = 0;
    Inbound* connection = nullptr;
    std::vector<SessionId> ended_sessions;
  };

  void accept();
  void add_inbound(asio::ip::tcp::socket socket);
  void remove(Inbound& inbound);
  /// Null where the greeting comes from this host itself or from a process known to have ended.
  [[nodiscard]] Sender* greet(Inbound& inbound, const Hello& hello);
  void announce_loss(HostId peer, std::string_view reason, bool was_known);
  void report_bad_frame(const Endpoint& remote, std::string_view reason);
  [[nodiscard]] Link& link_to(HostId peer);

  asio::io_context& context_;
  Host& host_;
  const TypeRegistry& types_;
  HostTable& hosts_;
  TransportOptions options_;
  SessionId session_;
  asio::ip::tcp::acceptor acceptor_;
  Endpoint endpoint_;
  Timeout accept_again_;
  TransportCounters counters_;
  std::map<HostId, Sender> senders_;
  std::map<HostId, std::unique_ptr<Link>> links_;
  std::map<const Inbound*, std::unique_ptr<Inbound>> inbounds_;
  Lifetime lifetime_;
};

}  // namespace windtunnel::live
