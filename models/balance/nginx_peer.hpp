// One upstream server as nginx 1.22 keeps it (src/http/ngx_http_upstream_round_robin.c): its smooth
// weight, and the passive failure detection of max_fails and fail_timeout.
#pragma once

#include <cstdint>

#include "models/balance/candidates.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::balance {

/// The parameters of nginx's `server` directive, one set for all servers of an upstream.
struct NginxSpec {
  std::uint32_t max_fails = 1;  ///< 0 switches the accounting of failures off.
  /// Both the time within which failures count and the time a failed server is left alone. nginx
  /// counts whole seconds; the rest is cut off.
  Duration fail_timeout = std::chrono::seconds{10};
};

/// nginx's clock ticks once a second for this purpose: 0.999 s after a failure can be 0 or 1.
using NginxSeconds = std::int64_t;

[[nodiscard]] constexpr NginxSeconds nginx_seconds(Instant now) {
  return nanoseconds_of(now) / 1'000'000'000;
}

struct NginxPeer {
  std::int64_t weight = 1;
  /// Falls by weight / max_fails at a failure and comes back by one at each pick that considers
  /// this peer.
  std::int64_t effective_weight = 1;
  std::int64_t current_weight = 0;
  std::uint32_t fails = 0;
  NginxSeconds accessed = kLongAgo;  ///< The last failure.
  NginxSeconds checked = kLongAgo;   ///< The last failure, or the start of the trial after it.

  static constexpr NginxSeconds kLongAgo = -(NginxSeconds{1} << 62);

  [[nodiscard]] bool is_left_alone(const NginxSpec& spec, NginxSeconds now) const {
    return spec.max_fails > 0 && fails >= spec.max_fails && now <= alone_until(spec);
  }

  /// The last second in which a peer with too many failures is left alone.
  [[nodiscard]] NginxSeconds alone_until(const NginxSpec& spec) const {
    return checked + timeout(spec);
  }

  /// The step of smooth weighted round robin that every considered peer makes.
  void gain() {
    current_weight += effective_weight;
    if (effective_weight < weight) {
      ++effective_weight;
    }
  }

  /// It was picked. After a timeout this starts a trial: until that succeeds, nobody else is sent
  /// here.
  void use(const NginxSpec& spec, NginxSeconds now) {
    if (now > alone_until(spec)) {
      checked = now;
    }
  }

  void fail(const NginxSpec& spec, NginxSeconds now) {
    ++fails;
    accessed = now;
    checked = now;
    if (spec.max_fails > 0) {
      effective_weight -= weight / spec.max_fails;
    }
    if (effective_weight < 0) {
      effective_weight = 0;
    }
  }

  /// Forgives earlier failures only where this attempt began a timeout after the last of them.
  void succeed() {
    if (accessed < checked) {
      fails = 0;
    }
  }

 private:
  [[nodiscard]] static NginxSeconds timeout(const NginxSpec& spec) {
    return spec.fail_timeout / std::chrono::seconds{1};
  }
};

}  // namespace windtunnel::balance
