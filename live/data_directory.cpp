#include "live/data_directory.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/system/system_error.hpp>

namespace windtunnel::live {

namespace {

namespace errc = boost::system::errc;

constexpr mode_t kFileMode = 0644;

/// The port knows three errors; whatever else goes wrong is an io_error.
error_code last_error() {
  switch (errno) {
    case ENOENT:
      return errc::make_error_code(errc::no_such_file_or_directory);
    case ENOSPC:
    case EDQUOT:
      return errc::make_error_code(errc::no_space_on_device);
    default:
      return errc::make_error_code(errc::io_error);
  }
}

error_code write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      return last_error();
    }
    bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  return {};
}

error_code size_of(int descriptor, std::uint64_t& bytes) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) {
    return last_error();
  }
  bytes = static_cast<std::uint64_t>(status.st_size);
  return {};
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (number_ >= 0) {
    ::close(number_);
  }
}

DataDirectory::DataDirectory(const std::filesystem::path& path) {
  std::filesystem::create_directories(path);
  directory_ = FileDescriptor{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory_.is_open()) {
    throw boost::system::system_error(error_code{errno, boost::system::system_category()},
                                      path.string());
  }
}

error_code DataDirectory::open(const std::string& name, Missing missing, File*& file) {
  const auto known = files_.find(name);
  if (known != files_.end()) {
    file = &known->second;
    return {};
  }
  constexpr int kFlags = O_RDWR | O_APPEND | O_CLOEXEC;
  FileDescriptor descriptor{::openat(directory_.number(), name.c_str(), kFlags)};
  const bool is_new = !descriptor.is_open() && errno == ENOENT && missing == Missing::is_made;
  if (is_new) {
    descriptor =
        FileDescriptor{::openat(directory_.number(), name.c_str(), kFlags | O_CREAT, kFileMode)};
  }
  if (!descriptor.is_open()) {
    return last_error();
  }
  file = &files_.emplace(name, File{std::move(descriptor), {}, is_new}).first->second;
  return {};
}

error_code DataDirectory::append(const std::string& file, std::string_view bytes) {
  File* target = nullptr;
  if (const error_code error = open(file, Missing::is_made, target)) {
    return error;
  }
  if (target->failure) {
    return target->failure;
  }
  std::uint64_t before = 0;
  if (const error_code error = size_of(target->descriptor.number(), before)) {
    return error;
  }
  const error_code error = write_all(target->descriptor.number(), bytes);
  if (error && ::ftruncate(target->descriptor.number(), static_cast<off_t>(before)) != 0) {
    // Half a write that cannot be taken back: nothing may follow it.
    target->failure = errc::make_error_code(errc::io_error);
  }
  return error;
}

error_code DataDirectory::sync(const std::string& file) {
  File* target = nullptr;
  if (const error_code error = open(file, Missing::is_an_error, target)) {
    return error;
  }
  if (!target->failure && ::fsync(target->descriptor.number()) != 0) {
    target->failure = errc::make_error_code(errc::io_error);
  }
  if (target->failure) {
    return target->failure;
  }
  if (target->is_new) {
    if (const error_code error = sync_directory()) {
      return error;
    }
    target->is_new = false;
  }
  return {};
}

void DataDirectory::fail_syncs(const std::string& file, error_code error) {
  File* target = nullptr;
  if (!open(file, Missing::is_an_error, target) && !target->failure) {
    target->failure = error;
  }
}

error_code DataDirectory::read(const std::string& file, SharedBytes& content) {
  File* source = nullptr;
  std::uint64_t size = 0;
  if (const error_code error = open(file, Missing::is_an_error, source)) {
    return error;
  }
  if (const error_code error = size_of(source->descriptor.number(), size)) {
    return error;
  }
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::pread(source->descriptor.number(), bytes.data() + done,
                                  bytes.size() - done, static_cast<off_t>(done));
    if (count == 0) {
      break;
    }
    if (count < 0 && errno != EINTR) {
      return last_error();
    }
    done += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  bytes.resize(done);
  content = SharedBytes{std::move(bytes)};
  return {};
}

error_code DataDirectory::truncate(const std::string& file, std::uint64_t bytes) {
  File* target = nullptr;
  std::uint64_t size = 0;
  if (const error_code error = open(file, Missing::is_an_error, target)) {
    return error;
  }
  if (const error_code error = size_of(target->descriptor.number(), size)) {
    return error;
  }
  if (bytes < size && ::ftruncate(target->descriptor.number(), static_cast<off_t>(bytes)) != 0) {
    return last_error();
  }
  return sync(file);
}

error_code DataDirectory::rename(const std::string& from, const std::string& to) {
  const int directory = directory_.number();
  if (::renameat(directory, from.c_str(), directory, to.c_str()) != 0) {
    return last_error();
  }
  auto moved = files_.extract(from);
  files_.erase(to);
  if (!moved.empty()) {
    moved.key() = to;
    moved.mapped().is_new = false;
    files_.insert(std::move(moved));
  }
  return sync_directory();
}

error_code DataDirectory::sync_directory() {
  return ::fsync(directory_.number()) == 0 ? error_code{} : last_error();
}

}  // namespace windtunnel::live
