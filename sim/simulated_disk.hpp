// A simulated disk: one device that serves its operations in order, a cache that a process crash
// leaves alone, and a power loss that takes what was not synced, or tears it. Truncation and
// renaming are taken to be durable at once.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/disk.hpp"
#include "runtime/distribution.hpp"
#include "runtime/pending.hpp"
#include "runtime/random.hpp"
#include "sim/scheduler.hpp"

namespace windtunnel::sim {

class SimulatedHost;

struct DiskOptions {
  DurationDistribution append = Constant{std::chrono::microseconds{10}};
  DurationDistribution sync = Constant{std::chrono::milliseconds{1}};
  DurationDistribution read = Constant{std::chrono::microseconds{100}};
  /// On power loss, each file keeps a random part of its unsynced tail rather than none of it.
  bool tears_writes = true;
};

struct DiskCounters {
  std::uint64_t appends = 0;
  std::uint64_t syncs = 0;
  std::uint64_t bytes_appended = 0;
  std::uint64_t bytes_lost = 0;
};

class SimulatedDisk final : public Disk {
 public:
  SimulatedDisk(SimulatedHost& host, const DiskOptions& options);
  ~SimulatedDisk() override;

  void append(std::string_view file, std::string_view bytes,
              Completion<void(error_code)> done) override;
  void sync(std::string_view file, Completion<void(error_code)> done) override;
  void read(std::string_view file, Completion<void(error_code, SharedBytes)> done) override;
  void truncate(std::string_view file, std::uint64_t bytes,
                Completion<void(error_code)> done) override;
  void rename(std::string_view from, std::string_view to,
              Completion<void(error_code)> done) override;

  /// The machine lost power: unsynced tails are lost or torn.
  void lose_power();

  [[nodiscard]] const DiskCounters& counters() const { return counters_; }

 private:
  struct File;
  struct Operation;

  [[nodiscard]] TrueInstant serve(const DurationSampler& time);
  [[nodiscard]] std::shared_ptr<File> find(std::string_view file) const;
  void start(TrueInstant at, Completion<void(error_code)> done,
             std::shared_ptr<File> synced = nullptr);
  void fail(Completion<void(error_code)> done);
  void finish(Operation& operation);

  SimulatedHost& host_;
  bool tears_writes_;
  DurationSampler append_time_;
  DurationSampler sync_time_;
  DurationSampler read_time_;
  RandomStream random_;
  std::map<std::string, std::shared_ptr<File>, std::less<>> files_;
  TrueInstant busy_until_{};
  DiskCounters counters_;
  std::deque<Operation> operations_;
  std::vector<Operation*> free_;
  std::uint32_t epoch_ = 0;  // Counts power losses: a sync that one interrupted syncs nothing.
};

}  // namespace windtunnel::sim
