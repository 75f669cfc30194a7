#include "chaos/report/output_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace windtunnel::chaos {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* what, const fs::path& path, int error) {
  throw fs::filesystem_error(what, path, std::error_code{error, std::generic_category()});
}

/// A new file beside the destination. Unless kept, it is removed again.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& destination) : destination_(destination) {
    const std::string pattern = destination.string() + ".XXXXXX";
    std::vector<char> name(pattern.begin(), pattern.end());
    name.push_back('\0');
    descriptor_ = ::mkstemp(name.data());
    if (descriptor_ < 0) {
      fail("cannot create a file beside the output file", destination_, errno);
    }
    path_ = name.data();
  }

  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  ~TemporaryFile() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
    if (!path_.empty()) {
      ::unlink(path_.c_str());
    }
  }

  void write(std::string_view contents) {
    while (!contents.empty()) {
      const ssize_t written = ::write(descriptor_, contents.data(), contents.size());
      if (written < 0 && errno == EINTR) {
        continue;
      }
      if (written < 0) {
        fail("cannot write the output file", destination_, errno);
      }
      contents.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  /// Readable as any file that the user creates, on the disk, and under its own name.
  void keep() {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    const mode_t everybody_may_read_and_write = 0666;
    if (::fchmod(descriptor_, everybody_may_read_and_write & ~mask) != 0 ||
        ::fsync(descriptor_) != 0) {
      fail("cannot finish the output file", destination_, errno);
    }
    const int closed = ::close(std::exchange(descriptor_, -1));
    if (closed != 0 || ::rename(path_.c_str(), destination_.c_str()) != 0) {
      fail("cannot put the output file in place", destination_, errno);
    }
    path_.clear();
  }

 private:
  fs::path destination_;
  fs::path path_;
  int descriptor_ = -1;
};

}  // namespace

void write_file_atomically(const std::filesystem::path& path, std::string_view contents) {
  TemporaryFile file{path};
  file.write(contents);
  file.keep();
}

}  // namespace windtunnel::chaos
