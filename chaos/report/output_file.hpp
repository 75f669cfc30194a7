// Writing a result file whole or not at all.
#pragma once

#include <filesystem>
#include <string_view>

namespace windtunnel::chaos {

/// Puts `contents` at `path`, replacing what was there. A reader sees the old file or the new one,
/// never a part: the bytes go to a file beside it, are flushed to the disk, and take the name last.
/// Throws std::filesystem::filesystem_error naming the path and the cause, and leaves nothing
/// behind, if that fails.
void write_file_atomically(const std::filesystem::path& path, std::string_view contents);

}  // namespace windtunnel::chaos
