#include "sim/simulated_disk.hpp"

#include <algorithm>
#include <utility>

#include "sim/world.hpp"

namespace windtunnel::sim {

/// A file grows in blocks: appending moves nothing that is there, and syncing copies nothing.
struct SimulatedDisk::File {
  std::deque<char> bytes;
  std::size_t synced = 0;
  // How far each sync under way will reach, oldest first; a truncation shortens them.
  std::deque<std::size_t> syncing;

  void append(std::string_view more) { bytes.insert(bytes.end(), more.begin(), more.end()); }

  void cut_to(std::size_t length) {
    bytes.resize(length);
    synced = std::min(synced, length);
    for (std::size_t& reach : syncing) {
      reach = std::min(reach, length);
    }
  }

  [[nodiscard]] SharedBytes content() const {
    return SharedBytes{std::string(bytes.begin(), bytes.end())};
  }
};

/// One operation on its way through the device. The device finishes it whether or not the process
/// that asked for it still lives; only a power loss undoes it.
struct SimulatedDisk::Operation {
  SimulatedDisk* disk = nullptr;
  Waiter<void(error_code)> waiter;
  std::shared_ptr<File> synced;  ///< What a sync makes durable.
  std::uint32_t epoch = 0;
};

namespace {

error_code no_such_file() {
  return boost::system::errc::make_error_code(boost::system::errc::no_such_file_or_directory);
}

}  // namespace

SimulatedDisk::SimulatedDisk(SimulatedHost& host, const DiskOptions& options)
    : Disk(host.executor()),
      host_(host),
      tears_writes_(options.tears_writes),
      append_time_(options.append),
      sync_time_(options.sync),
      read_time_(options.read),
      random_(host.world().random("disk:" + std::string{host.name()})) {}

SimulatedDisk::~SimulatedDisk() = default;

TrueInstant SimulatedDisk::serve(const DurationSampler& time) {
  busy_until_ = std::max(busy_until_, host_.world().now()) + time(random_);
  return busy_until_;
}

std::shared_ptr<SimulatedDisk::File> SimulatedDisk::find(std::string_view file) const {
  const auto found = files_.find(file);
  return found == files_.end() ? nullptr : found->second;
}

void SimulatedDisk::start(TrueInstant at, Completion<void(error_code)> done,
                          std::shared_ptr<File> synced) {
  if (free_.empty()) {
    free_.push_back(&operations_.emplace_back());
    free_.back()->disk = this;
  }
  Operation& operation = *free_.back();
  free_.pop_back();
  operation.synced = std::move(synced);
  operation.epoch = epoch_;
  operation.waiter.wait(host_.pending(), std::move(done));
  host_.world().scheduler().schedule(
      at, [&operation] { operation.disk->finish(operation); }, host_.id().value());
}

void SimulatedDisk::finish(Operation& operation) {
  const std::shared_ptr<File> file = std::move(operation.synced);
  if (file != nullptr && operation.epoch == epoch_) {
    file->synced = std::max(file->synced, file->syncing.front());
    file->syncing.pop_front();
  }
  free_.push_back(&operation);
  if (!operation.waiter.is_waiting()) {
    return;  // The process that asked has died.
  }
  host_.world().trace(host_.id(), EventKind::disk_completed, 0, 0, 0);
  if (host_.must_defer()) {
    host_.run_or_defer(
        Completion<void()>{[done = operation.waiter.release()]() mutable { done(error_code{}); }});
  } else {
    operation.waiter.complete(error_code{});
  }
}

void SimulatedDisk::fail(Completion<void(error_code)> done) {
  host_.post(Completion<void()>{[done = std::move(done)]() mutable { done(no_such_file()); }});
}

void SimulatedDisk::append(std::string_view file, std::string_view bytes,
                           Completion<void(error_code)> done) {
  std::shared_ptr<File> target = find(file);
  if (target == nullptr) {
    target = files_.emplace(std::string{file}, std::make_shared<File>()).first->second;
  }
  ++counters_.appends;
  counters_.bytes_appended += bytes.size();
  target->append(bytes);
  const TrueInstant end = serve(append_time_);
  if (done) {
    start(end, std::move(done));
  }
}

void SimulatedDisk::sync(std::string_view file, Completion<void(error_code)> done) {
  std::shared_ptr<File> target = find(file);
  if (target == nullptr) {
    fail(std::move(done));
    return;
  }
  ++counters_.syncs;
  target->syncing.push_back(target->bytes.size());
  start(serve(sync_time_), std::move(done), std::move(target));
}

void SimulatedDisk::read(std::string_view file, Completion<void(error_code, SharedBytes)> done) {
  const std::shared_ptr<File> source = find(file);
  const error_code error = source == nullptr ? no_such_file() : error_code{};
  SharedBytes content = error ? SharedBytes{} : source->content();
  start(serve(read_time_),
        Completion<void(error_code)>{[done = std::move(done), error, content](error_code) mutable {
          done(error, std::move(content));
        }});
}

void SimulatedDisk::truncate(std::string_view file, std::uint64_t bytes,
                             Completion<void(error_code)> done) {
  const std::shared_ptr<File> target = find(file);
  if (target == nullptr) {
    fail(std::move(done));
    return;
  }
  target->cut_to(std::min(target->bytes.size(), static_cast<std::size_t>(bytes)));
  start(serve(sync_time_), std::move(done));
}

void SimulatedDisk::rename(std::string_view from, std::string_view to,
                           Completion<void(error_code)> done) {
  std::shared_ptr<File> moved = find(from);
  if (moved == nullptr) {
    fail(std::move(done));
    return;
  }
  files_.erase(files_.find(from));
  files_.insert_or_assign(std::string{to}, std::move(moved));
  start(serve(sync_time_), std::move(done));
}

void SimulatedDisk::lose_power() {
  ++epoch_;
  busy_until_ = host_.world().now();
  for (auto& [name, file] : files_) {
    file->syncing.clear();
    const std::size_t unsynced = file->bytes.size() - file->synced;
    if (unsynced == 0) {
      continue;
    }
    const std::size_t kept =
        tears_writes_ ? static_cast<std::size_t>(random_.below(unsynced + 1)) : 0;
    counters_.bytes_lost += unsynced - kept;
    file->cut_to(file->synced + kept);
    // What the tear left is on the platter now.
    file->synced = file->bytes.size();
  }
}

}  // namespace windtunnel::sim
