// The port's disk: append-only writing of whole files by name, with fsync as a separate step. What
// was appended but not synced may be lost, or torn, when the machine loses power; a process crash
// alone loses nothing that was appended.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/asio/async_result.hpp>

#include "runtime/bytes.hpp"
#include "runtime/completion.hpp"

namespace windtunnel {

/// One host's disk. Operations on one file take effect in the order they were started. Errors:
/// `no_such_file_or_directory`, `no_space_on_device`, `io_error` (boost::system::errc).
class Disk {
 public:
  explicit Disk(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  virtual ~Disk() = default;

  /// Appends to the end of `file`, which is made when missing. Completes when the write is in the
  /// machine's cache.
  template <typename Token>
  auto async_append(std::string_view file, const SharedBytes& bytes, Token&& token) {
    return initiate<void(error_code)>(token,
                                      [this, file = std::string{file}, bytes](auto completion) {
                                        append(file, bytes.view(), std::move(completion));
                                      });
  }

  /// Appends without telling anyone: a failure shows at the next sync of `file`, as it does with
  /// the write-back cache of an operating system.
  void write_behind(std::string_view file, std::string_view bytes) { append(file, bytes, {}); }

  /// Completes when everything appended to `file` before this call survives a power loss.
  template <typename Token>
  auto async_sync(std::string_view file, Token&& token) {
    return initiate<void(error_code)>(token, [this, file = std::string{file}](auto completion) {
      sync(file, std::move(completion));
    });
  }

  /// The whole content of `file`.
  template <typename Token>
  auto async_read(std::string_view file, Token&& token) {
    return initiate<void(error_code, SharedBytes)>(
        token,
        [this, file = std::string{file}](auto completion) { read(file, std::move(completion)); });
  }

  /// Cuts `file` to its first `bytes` bytes, durably.
  template <typename Token>
  auto async_truncate(std::string_view file, std::uint64_t bytes, Token&& token) {
    return initiate<void(error_code)>(token,
                                      [this, file = std::string{file}, bytes](auto completion) {
                                        truncate(file, bytes, std::move(completion));
                                      });
  }

  /// Renames `from` to `to`, replacing it, atomically and durably.
  template <typename Token>
  auto async_rename(std::string_view from, std::string_view to, Token&& token) {
    return initiate<void(error_code)>(
        token, [this, from = std::string{from}, to = std::string{to}](auto completion) {
          rename(from, to, std::move(completion));
        });
  }

  /// `done` may be empty: see write_behind().
  virtual void append(std::string_view file, std::string_view bytes,
                      Completion<void(error_code)> done) = 0;
  virtual void sync(std::string_view file, Completion<void(error_code)> done) = 0;
  virtual void read(std::string_view file, Completion<void(error_code, SharedBytes)> done) = 0;
  virtual void truncate(std::string_view file, std::uint64_t bytes,
                        Completion<void(error_code)> done) = 0;
  virtual void rename(std::string_view from, std::string_view to,
                      Completion<void(error_code)> done) = 0;

 private:
  template <typename Signature, typename Token, typename Start>
  auto initiate(Token& token, Start start) {
    return asio::async_initiate<Token, Signature>(
        [this](auto handler, auto start_operation) {
          start_operation(completion_on<Signature>(executor_, std::move(handler)));
        },
        token, std::move(start));
  }

  asio::any_io_executor executor_;
};

}  // namespace windtunnel
