// A Caller without a proxy: a fixed list of hosts for each service, taken in turn, one attempt
// each.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "models/service/caller.hpp"
#include "runtime/host.hpp"
#include "runtime/pending.hpp"

namespace windtunnel::service {

struct Route {
  std::string service;
  std::vector<HostId> hosts;
};

/// Whether the callee hears that its caller has given up.
enum class AfterTimeout : std::uint8_t { cancel, abandon };

struct DirectCallerOptions {
  std::vector<Route> routes;
  AfterTimeout after_timeout = AfterTimeout::cancel;
  /// How long a level that a host said it admits is kept to (DAGOR, section 4.2.4); zero to send
  /// everything.
  Duration admission_kept = std::chrono::seconds{1};
};

class DirectCaller final : public Caller {
 public:
  DirectCaller(Host& host, DirectCallerOptions options);

  void start(std::string_view service, CallRequest request, Done done) override;

 private:
  struct Target {
    HostId host;
    DagorLevel admitted;
    Instant admitted_until = Instant::min();
  };
  /// One under way; used again for later ones.
  struct Call {
    Waiter<void(CallResult)> waiter;
    Target* target = nullptr;
    std::uint64_t id = 0;
    CallResult result;
  };
  struct RouteState {
    std::string service;
    std::vector<Target> targets;
    std::size_t next = 0;
  };

  [[nodiscard]] Target* choose(std::string_view service);
  [[nodiscard]] bool would_be_refused(const Target& target, DagorLevel priority) const;
  [[nodiscard]] Call& idle_call();
  void hear(Call& call, const error_code& error, const Response& response);

  DirectCallerOptions options_;
  std::vector<RouteState> routes_;  // Fixed, so that targets stay where they are.
  std::uint64_t next_id_;
  std::deque<Call> calls_;
  std::vector<Call*> idle_calls_;
};

}  // namespace windtunnel::service
