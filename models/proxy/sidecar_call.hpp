// What a sidecar keeps for each call under way. Private to sidecar.cpp and sidecar_calls.cpp.
#pragma once

#include <optional>
#include <string_view>

#include "models/proxy/sidecar.hpp"
#include "models/retry/previous_hosts.hpp"
#include "models/retry/retry_policy.hpp"
#include "runtime/pending.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::proxy {

/// Used again for later calls, the last one first: a call finds its memory in the cache. What a
/// call does in turn is written as steps, and not as a coroutine, because every request pays for
/// it.
struct Sidecar::Call {
  Waiter<void(service::CallResult)> waiter;
  Target* target = nullptr;
  std::string_view service;
  service::CallRequest request;
  service::CallResult result;
  Instant began{};            ///< When the request came; its patience counts from there.
  Duration patience{};        ///< Its own timeout or the route's deadline, whichever is shorter.
  std::uint32_t version = 0;  ///< That is asked for; 0: any.
  retry::RetryOptions options;
  std::optional<retry::RetryPolicy> retries;
  retry::PreviousHosts tried;
  Attempt attempt;               ///< The one under way.
  std::uint64_t id = 0;          ///< Of its request, for Cancel.
  HostId to{};                   ///< Where it went.
  std::optional<Timeout> pause;  ///< Between two attempts; made when first needed.
};

}  // namespace windtunnel::proxy
