// A client of the replicated store: finds the leader, retries with back-off within a deadline, and
// says honestly how each operation ended. It remembers the last leader that answered; after a
// failure it goes round the nodes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "models/kv/lease_messages.hpp"
#include "models/kv/messages.hpp"
#include "runtime/host.hpp"
#include "runtime/random.hpp"

namespace windtunnel::kv {

struct ClientOptions {
  std::vector<HostId> nodes;
  Duration timeout = std::chrono::milliseconds{300};  ///< Per attempt.
  Duration deadline = std::chrono::seconds{2};  ///< Per operation, attempts and pauses included.
  std::optional<std::uint32_t> attempts_max{};  ///< Absent: as many as the deadline allows.
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
  /// Some attempt before the last one went unanswered and may have taken effect.
  bool is_ambiguous = false;
};

class Client {
 public:
  Client(Host& host, ClientOptions options);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  [[nodiscard]] asio::awaitable<Result<WriteResponse>> write(std::string key, SharedBytes value);
  [[nodiscard]] asio::awaitable<Result<ReadResponse>> read(std::string key);
  /// Fails at once where the past asked for is compacted.
  [[nodiscard]] asio::awaitable<Result<ScanResponse>> scan(ScanRequest request);
  /// A conflict, or a key not found, after an attempt that went unanswered may be that attempt's
  /// own doing: the outcome then is `indeterminate`. With `expected`, `ok` and `done` mean that it
  /// took effect exactly once.
  [[nodiscard]] asio::awaitable<Result<ChangeResponse>> change(ChangeRequest request);
  /// A new lease, named by the revision. What unanswered attempts were granted nobody renews: it
  /// runs out.
  [[nodiscard]] asio::awaitable<Result<LeaseResponse>> grant(Duration ttl);
  [[nodiscard]] asio::awaitable<Result<LeaseResponse>> revoke(LeaseId id);
  [[nodiscard]] asio::awaitable<Result<KeepAliveResponse>> keep_alive(std::vector<LeaseId> leases);

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
