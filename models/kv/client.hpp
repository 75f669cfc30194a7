// A client of the replicated store: finds the leader, retries with back-off within a deadline, and
// says honestly how each operation ended. It remembers the last leader that answered; after a
// failure it goes round the nodes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "models/kv/messages.hpp"
#include "runtime/host.hpp"
#include "runtime/random.hpp"

namespace windtunnel::kv {

struct ClientOptions {
  std::vector<HostId> nodes;
  Duration timeout = std::chrono::milliseconds{300};  ///< Per attempt.
  Duration deadline = std::chrono::seconds{2};  ///< Per operation, attempts and pauses included.
  std::optional<std::uint32_t> attempts_max;    ///< Absent: as many as the deadline allows.
  Duration backoff =
      std::chrono::milliseconds{10};  ///< Before the second attempt; doubles, with full jitter.
  Duration backoff_max = std::chrono::milliseconds{200};
};

/// `failed`: it did not and will not take effect. `indeterminate`: nobody knows; some attempt went
/// unanswered.
enum class Outcome : std::uint8_t { ok, failed, indeterminate };
BOOST_DESCRIBE_ENUM(Outcome, ok, failed, indeterminate)

template <typename Response>
struct Result {
  Outcome outcome = Outcome::failed;
  std::uint32_t attempts = 0;
  Response response;  ///< Where ok.
};

class Client {
 public:
  Client(Host& host, ClientOptions options);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  [[nodiscard]] asio::awaitable<Result<WriteResponse>> write(std::string key, SharedBytes value);
  [[nodiscard]] asio::awaitable<Result<ReadResponse>> read(std::string key);
  [[nodiscard]] asio::awaitable<Result<ScanResponse>> scan(ScanRequest request);

 private:
  template <typename Response, typename Request>
  asio::awaitable<Result<Response>> operate(Request request);
  /// Where the next attempt goes, after one at `tried` was turned away with this hint.
  [[nodiscard]] HostId next_node(HostId tried, std::optional<HostId> hint) const;
  [[nodiscard]] Duration pause_before(std::uint32_t attempt);

  Host& host_;
  ClientOptions options_;
  RandomStream jitter_;
  HostId node_;  ///< Believed to lead.
};

}  // namespace windtunnel::kv
