// A real machine behind the port: sockets, files, the monotonic and the wall clock, on one
// io_context that one thread runs. Destroying a LiveHost is the end of its process: all that its
// code waits for is destroyed at once, and peers see its connections closed.
#pragma once

#include <deque>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "live/alarm_queue.hpp"
#include "live/host_executor.hpp"
#include "live/host_table.hpp"
#include "live/lifetime.hpp"
#include "live/live_disk.hpp"
#include "live/live_journal.hpp"
#include "live/stream_table.hpp"
#include "live/transport.hpp"
#include "live/type_registry.hpp"
#include "runtime/host.hpp"

namespace windtunnel::live {

struct LiveHostOptions {
  HostId id;
  std::string name;
  /// Where peers connect; port 0 lets the kernel choose.
  Endpoint listen;
  std::filesystem::path data_directory;
  /// Of random(); absent: drawn from the machine's entropy.
  std::optional<std::uint64_t> seed{};
  /// Takes the journal's lines; may be null, outlives the host.
  std::ostream* journal = nullptr;
  FactObserver observer{};
  TransportOptions transport{};
};

class LiveHost final : public Host {
 public:
  /// `types` are the messages that may arrive, `hosts` where the others are; more hosts may be
  /// added later. The context outlives the host. Throws std::system_error or
  /// boost::system::system_error where it can neither listen nor use its directory.
  LiveHost(asio::io_context& context, LiveHostOptions options, TypeRegistry types, HostTable hosts);
  ~LiveHost() override;

  /// Starts what runs here; at most once.
  void start(const Boot& boot);

  // The port.
  [[nodiscard]] HostId id() const override { return options_.id; }
  [[nodiscard]] std::string_view name() const override { return options_.name; }
  [[nodiscard]] Instant now() const override { return alarms_.now(); }
  [[nodiscard]] WallInstant wall_now() const override;
  [[nodiscard]] RandomStream random(std::string_view purpose) override;
  [[nodiscard]] Disk& disk() override { return disk_; }
  [[nodiscard]] Journal& journal() override { return journal_; }
  [[nodiscard]] Acceptor listen(Port port) override;
  void connect(HostId to, Port port, Completion<void(error_code, ByteStream)> done) override;
  [[nodiscard]] AlarmId create_alarm(void (*handler)(void*), void* context) override;
  void set_alarm(AlarmId alarm, Instant deadline) override;
  void clear_alarm(AlarmId alarm) override;
  void destroy_alarm(AlarmId alarm) override;
  void transmit(HostId to, Envelope&& envelope) override;
  void abandon_connection(HostId peer) override;

  [[nodiscard]] HostTable& hosts() { return hosts_; }
  [[nodiscard]] Transport& transport() { return transport_; }
  /// Where it listens, with the port that the kernel chose.
  [[nodiscard]] const Endpoint& endpoint() const { return transport_.endpoint(); }

 private:
  friend class HostExecutor;
  struct Posted;

  void post(Completion<void()> function);
  void run_posted();

  asio::io_context& context_;
  LiveHostOptions options_;
  std::uint64_t seed_;
  TypeRegistry types_;
  HostTable hosts_;
  bool is_stopped_ = false;
  std::deque<Posted> posted_;
  std::vector<Posted*> free_posted_;
  std::deque<Posted*> ready_;
  bool run_scheduled_ = false;
  Lifetime lifetime_;
  // Before what uses alarms, so that it outlives it.
  AlarmQueue alarms_;
  LiveJournal journal_;
  LiveDisk disk_;
  StreamTable streams_;
  Transport transport_;
  std::unique_ptr<Program> program_;
};

}  // namespace windtunnel::live
