// The port's disk on real files under one directory. One worker thread carries out the operations
// in the order they were started, so that an fsync never holds up the loop; a file once failed to
// sync stays failed, since the kernel may have dropped what it could not write.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "live/lifetime.hpp"
#include "runtime/disk.hpp"
#include "runtime/pending.hpp"

namespace windtunnel::live {

class DataDirectory;

class LiveDisk final : public Disk {
 public:
  /// Makes `directory` where it is missing; throws std::filesystem::filesystem_error or
  /// boost::system::system_error where it cannot be used. `pending` is the host's.
  LiveDisk(asio::io_context& context, const asio::any_io_executor& executor, PendingList& pending,
           const std::filesystem::path& directory);
  /// Waits for the operations under way; nobody is told of their end.
  ~LiveDisk() override;

  void append(std::string_view file, std::string_view bytes,
              Completion<void(error_code)> done) override;
  void sync(std::string_view file, Completion<void(error_code)> done) override;
  void read(std::string_view file, Completion<void(error_code, SharedBytes)> done) override;
  void truncate(std::string_view file, std::uint64_t bytes,
                Completion<void(error_code)> done) override;
  void rename(std::string_view from, std::string_view to,
              Completion<void(error_code)> done) override;

  /// Forgets who waits; the operations are carried out all the same.
  void abandon_operations();

 private:
  struct Result {
    error_code error;
    SharedBytes content;
  };
  using Work = std::function<Result(DataDirectory&)>;
  struct Operation;

  void start(Work work, Completion<void(error_code, SharedBytes)> done);
  void append_behind(std::string file, std::string bytes);
  void finish(Operation& operation, Result result);

  asio::io_context& context_;
  PendingList& pending_;
  std::unique_ptr<DataDirectory> directory_;
  std::deque<Operation> operations_;
  std::vector<Operation*> free_;
  Lifetime lifetime_;
  asio::thread_pool worker_{1};
};

}  // namespace windtunnel::live
