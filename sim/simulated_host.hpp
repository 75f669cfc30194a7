// One machine of the world: its clocks, timers, executor, disk, streams and processing time, and
// the life of the process on it. What a component sees of it is the port, runtime/host.hpp.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "runtime/host.hpp"
#include "sim/alarm_pool.hpp"
#include "sim/connection_loss.hpp"
#include "sim/executor.hpp"
#include "sim/host_clock.hpp"
#include "sim/scheduler.hpp"
#include "sim/simulated_disk.hpp"

namespace windtunnel::sim {

class World;
class StreamTable;

struct HostOptions {
  ClockSkew clock{};
  DiskOptions disk{};
  /// Messages are handled by this many cores, each one at a time.
  std::uint32_t cores = 1;
  /// Time on a core that each message takes; with zero, handling is instantaneous.
  Duration message_cost{};
};

/// A machine is off (no power), on with its process stopped, running, or running but paused.
class SimulatedHost final : public Host {
 public:
  SimulatedHost(World& world, HostId id, std::string name, HostOptions options);
  ~SimulatedHost() override;

  // The port.
  [[nodiscard]] HostId id() const override { return id_; }
  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] WallInstant wall_now() const override;
  [[nodiscard]] RandomStream random(std::string_view purpose) override;
  [[nodiscard]] Disk& disk() override { return disk_; }
  [[nodiscard]] Journal& journal() override;
  [[nodiscard]] Acceptor listen(Port port) override;
  void connect(HostId to, Port port, Completion<void(error_code, ByteStream)> done) override;
  [[nodiscard]] AlarmId create_alarm(void (*handler)(void*), void* context) override;
  void set_alarm(AlarmId alarm, Instant deadline) override;
  void clear_alarm(AlarmId alarm) override;
  void destroy_alarm(AlarmId alarm) override;
  void transmit(HostId to, Envelope&& envelope) override;
  void abandon_connection(HostId peer) override;
  void note_working_set(const WorkingSet& working_set) override;
  void expect_transmission(HostId to) override;

  // The life of the machine, as faults and the harness drive it.

  /// What runs here at every start.
  void install(Boot boot) { boot_ = std::move(boot); }
  /// Powers on where needed and starts the process.
  void start();
  /// The process dies at once; its kernel resets its connections. What was written to disk stays.
  void crash();
  /// The machine loses power: silence, and unsynced writes are lost.
  void lose_power();
  /// The process stops being scheduled; its kernel goes on acknowledging, its clock runs on.
  void pause();
  void resume();

  [[nodiscard]] bool has_power() const { return has_power_; }
  [[nodiscard]] bool is_running() const { return is_running_; }
  [[nodiscard]] bool is_paused() const { return is_paused_; }
  /// Counts starts; what was meant for an earlier process is recognised by it.
  [[nodiscard]] std::uint32_t incarnation() const { return incarnation_; }
  [[nodiscard]] Program* program() { return program_.get(); }

  /// Changes the rate of both clocks from now on; armed alarms follow.
  void set_clock_drift(std::int64_t drift_ppb);
  void step_wall_clock(Duration by) { clock_.step_wall(by); }

  /// Of the scheduler, for an alarm whose timeout comes up soon.
  static void prefetch_alarm(const void* context);

  // What the network and the disk call.
  [[nodiscard]] World& world() { return world_; }
  /// Asks the processor for what every event of the host reads: a message is about to go there.
  void prefetch() const {
    __builtin_prefetch(this);
    __builtin_prefetch(&id_);
  }
  void receive(HostId from, Envelope&& envelope);
  void lose_connection(HostId peer, ConnectionLoss loss);
  /// Whether what arrives now waits for resumption.
  [[nodiscard]] bool must_defer() const { return must_defer_; }
  /// Runs `function` now, or at resumption while the host is paused.
  void run_or_defer(Completion<void()> function);
  void post(Completion<void()> function);

 private:
  struct Posted;
  struct Arrival;

  void defer(Completion<void()> function);
  void schedule_deferred();
  void run_deferred();
  void stop_process();
  void dispatch(HostId from, Envelope&& envelope);
  void hand_over(HostId from, Envelope&& envelope);
  [[nodiscard]] static Alarm& alarm_of(AlarmId alarm);
  static void alarm_fired(void* context);
  void fire(Alarm& alarm);
  void run_alarm(Alarm& alarm);
  void run_posted(Posted& posted);

  // What every event of the host reads lies in one cache line: among thousands of hosts it is in
  // the memory, not in the cache.
  alignas(64) World& world_;
  HostId id_;
  bool has_power_ = true;
  bool is_running_ = false;
  bool is_paused_ = false;
  // What arrives must wait: for resumption, or for what was held back before it.
  bool must_defer_ = false;
  std::uint32_t incarnation_ = 0;
  Duration message_cost_;
  HostClock clock_;
  std::string name_;
  SimulatedDisk disk_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<StreamTable> streams_;
  Boot boot_;
  std::unique_ptr<Program> program_;
  std::vector<Alarm*> alarms_;  // In the order in which they were made.
  std::vector<Alarm*> free_alarms_;
  std::deque<Posted> posted_;
  std::vector<Posted*> free_posted_;
  std::deque<Completion<void()>> deferred_;  // What came while paused, in order.
  EventId deferred_event_;
  std::vector<TrueInstant> core_busy_until_;
  std::deque<Arrival> arrivals_;
  std::vector<Arrival*> free_arrivals_;
};

}  // namespace windtunnel::sim
