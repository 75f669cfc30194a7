// Blocking file operations on one flat directory, each file held open from its first use. Used from
// one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "runtime/bytes.hpp"
#include "runtime/completion.hpp"

namespace windtunnel::live {

/// Owns a file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor();

  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_ = -1;
};

/// Errors are those of the port: no_such_file_or_directory, no_space_on_device, io_error.
class DataDirectory {
 public:
  explicit DataDirectory(const std::filesystem::path& path);

  [[nodiscard]] error_code append(const std::string& file, std::string_view bytes);
  [[nodiscard]] error_code sync(const std::string& file);
  /// From now on, sync() of `file` fails with `error`: something that it should make durable is not
  /// there.
  void fail_syncs(const std::string& file, error_code error);
  [[nodiscard]] error_code read(const std::string& file, SharedBytes& content);
  [[nodiscard]] error_code truncate(const std::string& file, std::uint64_t bytes);
  [[nodiscard]] error_code rename(const std::string& from, const std::string& to);

 private:
  struct File {
    FileDescriptor descriptor;
    error_code failure;  ///< Once set, nothing is appended or synced any more.
    /// The directory's entry for it is not yet known to survive a power loss.
    bool is_new = false;
  };

  enum class Missing : std::uint8_t { is_an_error, is_made };
  /// The open file, or the reason why there is none.
  [[nodiscard]] error_code open(const std::string& name, Missing missing, File*& file);
  [[nodiscard]] error_code sync_directory();

  FileDescriptor directory_;
  std::map<std::string, File> files_;
};

}  // namespace windtunnel::live
