// Reads and writes configuration documents in the replicated store, with compare-and-set: whoever
// edits a document names the revision that was read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/config/document.hpp"
#include "models/kv/client.hpp"
#include "runtime/host.hpp"

namespace windtunnel::config {

/// `conflict`: somebody else was first; read again. `unknown`: nobody knows whether it was written.
enum class WriteOutcome : std::uint8_t { written, conflict, failed, unknown };

struct WriteResult {
  WriteOutcome outcome = WriteOutcome::failed;
  std::uint64_t revision = 0;  ///< Of the document: as written, or as it stands after a conflict.
};

class ConfigClient {
 public:
  ConfigClient(Host& host, kv::Client& client) : host_(host), client_(client) {}

  /// Nothing where the store cannot be reached; a document at revision 0 where there is none.
  [[nodiscard]] asio::awaitable<std::optional<Document>> read(std::string name);
  /// `expected`: the revision that was read; 0 for a new document; absent: whatever stands there.
  [[nodiscard]] asio::awaitable<WriteResult> write(std::string name, SharedBytes content,
                                                   std::optional<std::uint64_t> expected);
  [[nodiscard]] asio::awaitable<WriteResult> remove(std::string name,
                                                    std::optional<std::uint64_t> expected);

 private:
  [[nodiscard]] asio::awaitable<WriteResult> change(kv::ChangeRequest request, std::string name);

  Host& host_;
  kv::Client& client_;
};

}  // namespace windtunnel::config
