// The port: one machine's view of the world, and all that a component may ask of it. Implemented by
// sim::SimulatedHost in virtual time and by live::LiveHost on sockets, files and the wall clock;
// components cannot tell which.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "runtime/byte_stream.hpp"
#include "runtime/disk.hpp"
#include "runtime/id.hpp"
#include "runtime/instant.hpp"
#include "runtime/journal.hpp"
#include "runtime/messenger.hpp"
#include "runtime/pending.hpp"
#include "runtime/random.hpp"

namespace windtunnel {

/// A host's handle of one alarm.
using AlarmId = std::uint64_t;

/// What most messages to a host touch: some memory of its process, and an alarm that they move.
struct WorkingSet {
  const void* begin = nullptr;
  std::size_t bytes = 0;
  AlarmId alarm = 0;  ///< 0: none.
};

class Host {
 public:
  explicit Host(asio::any_io_executor executor)
      : messenger_(*this), executor_(std::move(executor)) {}
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  virtual ~Host() = default;

  [[nodiscard]] virtual HostId id() const = 0;
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// The host's own monotonic clock.
  [[nodiscard]] virtual Instant now() const = 0;
  /// The host's wall clock, which may be skewed and may jump.
  [[nodiscard]] virtual WallInstant wall_now() const = 0;

  /// Where everything of this host runs, one thing at a time.
  [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }

  /// A stream of randomness for `purpose`, the same in every run of the same seed.
  [[nodiscard]] virtual RandomStream random(std::string_view purpose) = 0;

  [[nodiscard]] virtual Disk& disk() = 0;
  [[nodiscard]] virtual Journal& journal() = 0;
  [[nodiscard]] Messenger& messages() { return messenger_; }

  /// Opens a byte stream to a port of `to`: `connection_refused` where nobody listens, `timed_out`
  /// where nothing answers.
  template <typename Token>
  auto async_connect(HostId to, Port port, Token&& token) {
    return asio::async_initiate<Token, void(error_code, ByteStream)>(
        [this](auto handler, HostId peer, Port peer_port) {
          connect(peer, peer_port,
                  completion_on<void(error_code, ByteStream)>(executor_, std::move(handler)));
        },
        token, to, port);
  }
  [[nodiscard]] virtual Acceptor listen(Port port) = 0;
  virtual void connect(HostId to, Port port, Completion<void(error_code, ByteStream)> done) = 0;

  // Alarms: deadlines that are cheap to move. Components use Timer and Timeout, which are built on
  // these.

  /// A new alarm, not armed. `handler(context)` runs on this host when the deadline passes.
  [[nodiscard]] virtual AlarmId create_alarm(void (*handler)(void*), void* context) = 0;
  /// Sets or moves the deadline, on this host's clock; a deadline in the past fires as soon as
  /// possible.
  virtual void set_alarm(AlarmId alarm, Instant deadline) = 0;
  virtual void clear_alarm(AlarmId alarm) = 0;
  virtual void destroy_alarm(AlarmId alarm) = 0;

  /// Hands an envelope to the network.
  virtual void transmit(HostId to, Envelope&& envelope) = 0;

  /// Gives up the connection to `peer` with what is queued on it; the next message opens a new one.
  /// For callers that hear nothing and would rather start afresh than wait for the kernel's next
  /// retransmission.
  virtual void abandon_connection(HostId peer) = 0;

  // Hints, for worlds of more hosts than a cache has room for. They change nothing but speed.

  /// What is named may be asked for while a message is on its way here.
  virtual void note_working_set(const WorkingSet& /*working_set*/) {}
  /// A message to that host is being made.
  virtual void expect_transmission(HostId /*to*/) {}

  /// What this host's code is waiting for.
  [[nodiscard]] PendingList& pending() { return pending_; }

 private:
  Messenger messenger_;  // First: every message begins there.
  asio::any_io_executor executor_;
  PendingList pending_;
};

/// What runs on a host: constructed at every boot from the disk alone, destroyed when the process
/// ends. A crash destroys all its waiting coroutines first, then the Program.
class Program {
 public:
  Program() = default;
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  virtual ~Program() = default;
};

/// Makes a host's program; called at each boot.
using Boot = std::function<std::unique_ptr<Program>(Host&)>;

}  // namespace windtunnel
