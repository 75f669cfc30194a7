// How code on a host calls a service by name. Who stands behind it (a plain round robin, a sidecar
// proxy with balancing, retries and breakers) is not the caller's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "models/service/messages.hpp"
#include "runtime/completion.hpp"
#include "runtime/host.hpp"
#include "runtime/id.hpp"

namespace windtunnel::service {

/// How a call ended for its caller. The first four are answers of the service; `timed_out`: none
/// came in time, and it may have run; `unreachable`: the connection was refused or reset, or there
/// is nobody to call; `rejected`: it was not sent at all (breaker, limiter, budget, admission).
enum class CallOutcome : std::uint8_t {
  ok,
  failed,
  overloaded,
  expired,
  timed_out,
  unreachable,
  rejected
};
BOOST_DESCRIBE_ENUM(CallOutcome, ok, failed, overloaded, expired, timed_out, unreachable, rejected)
inline constexpr std::size_t kCallOutcomes = 7;

struct CallRequest {
  std::string key;
  Duration timeout = std::chrono::seconds{1};  ///< For the whole call, retries included.
  std::uint32_t attempt = 0;                   ///< Of an enclosing retry loop.
  DagorLevel priority;
};

struct CallResult {
  CallOutcome outcome = CallOutcome::unreachable;
  std::uint32_t attempts = 0;    ///< Sent on the network.
  std::uint32_t version = 0;     ///< Of the service, where it answered.
  std::uint64_t policy = 0;      ///< Revision of the configuration that it was made under.
  std::optional<HostId> picked;  ///< Where its first attempt went.
};

/// The outcome of one attempt that ended with `error`, or without error with `status`.
[[nodiscard]] CallOutcome outcome_of(const error_code& error, Status status);

class Caller {
 public:
  using Done = Completion<void(CallResult)>;

  explicit Caller(Host& host) : host_(host) {}
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  virtual ~Caller() = default;

  /// `service` must stay valid until the call has ended; how it ended is what `done` is told, once,
  /// in place and on the host, maybe before this returns. It is destroyed without running when the
  /// process dies. Whoever makes many calls uses this: no coroutine is made for each.
  virtual void start(std::string_view service, CallRequest request, Done done) = 0;

  /// The same for coroutines. Does not throw.
  [[nodiscard]] asio::awaitable<CallResult> call(std::string_view service, CallRequest request);

 protected:
  Host& host_;
};

}  // namespace windtunnel::service
