#include "live/live_disk.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "live/data_directory.hpp"

namespace windtunnel::live {

/// One operation whose end somebody waits for. Slots are reused.
struct LiveDisk::Operation {
  Waiter<void(error_code, SharedBytes)> waiter;
};

namespace {

std::string plain_name(std::string_view file) {
  check(!file.empty() && file.find('/') == std::string_view::npos && file != "." && file != "..",
        "files of a data directory have plain names");
  return std::string{file};
}

Completion<void(error_code, SharedBytes)> without_content(Completion<void(error_code)> done) {
  return Completion<void(error_code, SharedBytes)>{
      [done = std::move(done)](error_code error, const SharedBytes&) mutable { done(error); }};
}

}  // namespace

LiveDisk::LiveDisk(asio::io_context& context, const asio::any_io_executor& executor,
                   PendingList& pending, const std::filesystem::path& directory)
    : Disk(executor),
      context_(context),
      pending_(pending),
      directory_(std::make_unique<DataDirectory>(directory)) {}

LiveDisk::~LiveDisk() {
  worker_.join();
}

void LiveDisk::start(Work work, Completion<void(error_code, SharedBytes)> done) {
  if (free_.empty()) {
    free_.push_back(&operations_.emplace_back());
  }
  Operation& operation = *free_.back();
  free_.pop_back();
  operation.waiter.wait(pending_, std::move(done));
  // The guard is made here: it must be copied and destroyed on the loop's thread, or moved.
  auto report =
      lifetime_.guard([this, &operation](Result result) { finish(operation, std::move(result)); });
  asio::post(worker_, [this, work = std::move(work), report = std::move(report),
                       guard = asio::make_work_guard(context_)]() mutable {
    Result result = work(*directory_);
    asio::post(context_, [report = std::move(report), result = std::move(result)]() mutable {
      report(std::move(result));
    });
  });
}

void LiveDisk::finish(Operation& operation, Result result) {
  free_.push_back(&operation);
  if (operation.waiter.is_waiting()) {
    operation.waiter.complete(result.error, std::move(result.content));
  }
}

void LiveDisk::append_behind(std::string file, std::string bytes) {
  asio::post(worker_, [this, file = std::move(file), bytes = std::move(bytes)] {
    if (const error_code error = directory_->append(file, bytes)) {
      directory_->fail_syncs(file, error);
    }
  });
}

void LiveDisk::append(std::string_view file, std::string_view bytes,
                      Completion<void(error_code)> done) {
  if (!done) {
    append_behind(plain_name(file), std::string{bytes});
    return;
  }
  start(
      [name = plain_name(file), bytes = std::string{bytes}](DataDirectory& directory) {
        return Result{directory.append(name, bytes), {}};
      },
      without_content(std::move(done)));
}

void LiveDisk::sync(std::string_view file, Completion<void(error_code)> done) {
  start(
      [name = plain_name(file)](DataDirectory& directory) {
        return Result{directory.sync(name), {}};
      },
      without_content(std::move(done)));
}

void LiveDisk::read(std::string_view file, Completion<void(error_code, SharedBytes)> done) {
  start(
      [name = plain_name(file)](DataDirectory& directory) {
        Result result;
        result.error = directory.read(name, result.content);
        return result;
      },
      std::move(done));
}

void LiveDisk::truncate(std::string_view file, std::uint64_t bytes,
                        Completion<void(error_code)> done) {
  start(
      [name = plain_name(file), bytes](DataDirectory& directory) {
        return Result{directory.truncate(name, bytes), {}};
      },
      without_content(std::move(done)));
}

void LiveDisk::rename(std::string_view from, std::string_view to,
                      Completion<void(error_code)> done) {
  start(
      [name = plain_name(from), target = plain_name(to)](DataDirectory& directory) {
        return Result{directory.rename(name, target), {}};
      },
      without_content(std::move(done)));
}

void LiveDisk::abandon_operations() {
  for (Operation& operation : operations_) {
    operation.waiter.release().reset();
  }
}

}  // namespace windtunnel::live
