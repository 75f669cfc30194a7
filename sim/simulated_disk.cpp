#include "sim/simulated_disk.hpp"

#include <algorithm>

#include "sim/world.hpp"

namespace windtunnel::sim {

/// One operation on its way through the device. Slots are reused; an epoch tells whether its
/// process still lives.
struct SimulatedDisk::Operation {
  Waiter<void(error_code)> waiter;
  SimulatedDisk* disk = nullptr;
  std::uint32_t epoch = 0;
  EventId event;
  bool is_pending = false;
};

namespace {

error_code no_such_file() {
  return boost::system::errc::make_error_code(boost::system::errc::no_such_file_or_directory);
}

}  // namespace

SimulatedDisk::SimulatedDisk(SimulatedHost& host, DiskOptions options)
    : Disk(host.executor()),
      host_(host),
      options_(std::move(options)),
      random_(host.world().random("disk:" + std::string{host.name()})) {}

SimulatedDisk::~SimulatedDisk() = default;

TrueInstant SimulatedDisk::serve(const DurationDistribution& time) {
  busy_until_ = std::max(busy_until_, host_.world().now()) + sample(time, random_);
  return busy_until_;
}

SimulatedDisk::Operation& SimulatedDisk::start(TrueInstant at, Completion<void(error_code)> done) {
  if (free_.empty()) {
    free_.push_back(&operations_.emplace_back());
    free_.back()->disk = this;
  }
  Operation& operation = *free_.back();
  free_.pop_back();
  operation.is_pending = true;
  operation.waiter.wait(host_.pending(), std::move(done));
  operation.event = host_.world().scheduler().schedule(
      at, [&operation] { operation.disk->finish(operation); }, host_.id().value());
  return operation;
}

void SimulatedDisk::finish(Operation& operation) {
  World& world = host_.world();
  world.trace(host_.id(), EventKind::disk_completed, 0, 0, 0);
  operation.is_pending = false;
  free_.push_back(&operation);
  host_.run_or_defer(Completion<void()>{
      [completion = operation.waiter.release()]() mutable { completion(error_code{}); }});
}

void SimulatedDisk::append(std::string_view file, SharedBytes bytes,
                           Completion<void(error_code)> done) {
  auto found = files_.find(file);
  if (found == files_.end()) {
    found = files_.emplace(std::string{file}, std::make_shared<File>()).first;
  }
  found->second->content.append(bytes.view());
  ++counters_.appends;
  counters_.bytes_appended += bytes.size();
  start(serve(options_.append), std::move(done));
}

void SimulatedDisk::sync(std::string_view file, Completion<void(error_code)> done) {
  const auto found = files_.find(file);
  if (found == files_.end()) {
    host_.post(Completion<void()>{[done = std::move(done)]() mutable { done(no_such_file()); }});
    return;
  }
  ++counters_.syncs;
  const TrueInstant at = serve(options_.sync);
  // Before the completion, so that what is acknowledged as synced is. The device goes on syncing
  // when the process dies; only a power loss, which raises the epoch, stops it.
  const std::shared_ptr<File> synced = found->second;
  synced->syncing.push_back(synced->content.size());
  host_.world().scheduler().schedule(
      at,
      [this, synced, epoch = epoch_] {
        if (epoch == epoch_) {
          synced->synced = std::max(synced->synced, synced->syncing.front());
          synced->syncing.pop_front();
        }
      },
      host_.id().value());
  start(at, std::move(done));
}

void SimulatedDisk::read(std::string_view file, Completion<void(error_code, SharedBytes)> done) {
  const auto found = files_.find(file);
  const error_code error = found == files_.end() ? no_such_file() : error_code{};
  SharedBytes content{error ? std::string{} : found->second->content};
  start(serve(options_.read),
        Completion<void(error_code)>{[done = std::move(done), error, content](error_code) mutable {
          done(error, std::move(content));
        }});
}

void SimulatedDisk::truncate(std::string_view file, std::uint64_t bytes,
                             Completion<void(error_code)> done) {
  const auto found = files_.find(file);
  if (found == files_.end()) {
    host_.post(Completion<void()>{[done = std::move(done)]() mutable { done(no_such_file()); }});
    return;
  }
  File& content = *found->second;
  if (bytes < content.content.size()) {
    content.content.resize(static_cast<std::size_t>(bytes));
    content.synced = std::min(content.synced, content.content.size());
    for (std::size_t& reach : content.syncing) {
      reach = std::min(reach, content.content.size());
    }
  }
  start(serve(options_.sync), std::move(done));
}

void SimulatedDisk::rename(std::string_view from, std::string_view to,
                           Completion<void(error_code)> done) {
  const auto found = files_.find(from);
  if (found == files_.end()) {
    host_.post(Completion<void()>{[done = std::move(done)]() mutable { done(no_such_file()); }});
    return;
  }
  std::shared_ptr<File> moved = std::move(found->second);
  files_.erase(found);
  files_.insert_or_assign(std::string{to}, std::move(moved));
  start(serve(options_.sync), std::move(done));
}

void SimulatedDisk::abandon_operations() {
  for (Operation& operation : operations_) {
    if (operation.is_pending) {
      host_.world().scheduler().cancel(operation.event);
      operation.waiter.release().reset();
      operation.is_pending = false;
      free_.push_back(&operation);
    }
  }
}

void SimulatedDisk::lose_power() {
  ++epoch_;
  busy_until_ = host_.world().now();
  for (auto& [name, stored] : files_) {
    File& file = *stored;
    file.syncing.clear();
    const std::size_t unsynced = file.content.size() - file.synced;
    if (unsynced == 0) {
      continue;
    }
    const std::size_t kept =
        options_.tears_writes ? static_cast<std::size_t>(random_.below(unsynced + 1)) : 0;
    counters_.bytes_lost += unsynced - kept;
    file.content.resize(file.synced + kept);
    // What the tear left is on the platter now.
    file.synced = file.content.size();
  }
}

}  // namespace windtunnel::sim
