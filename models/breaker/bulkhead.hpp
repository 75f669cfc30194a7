// Envoy's circuit breakers, which are bulkheads: caps on what may be under way towards one cluster
// (or one host) at one priority. No memory, no hysteresis; a place is free as soon as it is given
// back.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "models/retry/active_retry_share.hpp"
#include "runtime/check.hpp"

namespace windtunnel::breaker {

enum class Resource : std::uint8_t { connection, pending_request, request, retry, connection_pool };

/// The defaults of envoy.config.cluster.v3.CircuitBreakers.Thresholds.
struct BulkheadLimits {
  std::uint64_t connections = 1024;
  std::uint64_t pending_requests = 1024;
  std::uint64_t requests = 1024;
  std::uint64_t retries = 3;
  std::uint64_t connection_pools = UINT64_MAX;
  std::optional<retry::ActiveRetryShare>
      retry_budget{};  ///< Of requests, active and pending; replaces `retries`.
};

/// One priority's caps of a cluster, or one host's (where Envoy caps connections and requests only:
/// per_host_thresholds). Follows ResourceManagerImpl of Envoy 1.3x
/// (source/common/upstream/resource_manager_impl.h). Left out: the one connection that Envoy allows
/// a host beyond the cap so that no host is starved; that is the pool's business.
class Bulkhead {
 public:
  explicit Bulkhead(const BulkheadLimits& limits) : limits_(limits) {}

  /// Takes a place, or counts an overflow and returns false.
  [[nodiscard]] bool admit(Resource resource) {
    Cell& cell = cell_of(resource);
    if (cell.in_use >= limit(resource)) {
      ++cell.overflows;
      return false;
    }
    ++cell.in_use;
    return true;
  }

  /// Gives a place back that admit() granted.
  void settle(Resource resource) {
    Cell& cell = cell_of(resource);
    check(cell.in_use > 0, "what is given back was taken");
    --cell.in_use;
  }

  [[nodiscard]] std::uint64_t in_use(Resource resource) const {
    return cells_[static_cast<std::size_t>(resource)].in_use;
  }
  [[nodiscard]] std::uint64_t overflows(Resource resource) const {
    return cells_[static_cast<std::size_t>(resource)].overflows;
  }
  /// The cap as it stands now: a retry budget moves with the requests under way.
  [[nodiscard]] std::uint64_t limit(Resource resource) const;

 private:
  struct Cell {
    std::uint64_t in_use = 0;
    std::uint64_t overflows = 0;
  };
  [[nodiscard]] Cell& cell_of(Resource resource) {
    return cells_[static_cast<std::size_t>(resource)];
  }

  BulkheadLimits limits_;
  std::array<Cell, 5> cells_{};
};

/// Which of a cluster's two sets of caps a request falls under.
enum class RoutingPriority : std::uint8_t { normal, high };

/// A cluster's bulkheads. The two priorities share nothing.
class ClusterBulkheads {
 public:
  ClusterBulkheads(const BulkheadLimits& normal, const BulkheadLimits& high)
      : bulkheads_{Bulkhead{normal}, Bulkhead{high}} {}

  [[nodiscard]] Bulkhead& at(RoutingPriority priority) {
    return bulkheads_[static_cast<std::size_t>(priority)];
  }

 private:
  std::array<Bulkhead, 2> bulkheads_;
};

}  // namespace windtunnel::breaker
