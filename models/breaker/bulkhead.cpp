#include "models/breaker/bulkhead.hpp"

#include <algorithm>

namespace windtunnel::breaker {

namespace {

/// ResourceManagerImpl::RetryBudgetImpl::max(), with its order of operations: the product is
/// rounded down.
std::uint64_t retries_within(const RetryBudget& budget, std::uint64_t requests) {
  const double share = budget.percent / 100.0 * static_cast<double>(requests);
  return std::max(static_cast<std::uint64_t>(share), budget.minimum);
}

}  // namespace

std::uint64_t Bulkhead::limit(Resource resource) const {
  switch (resource) {
    case Resource::connection:
      return limits_.connections;
    case Resource::pending_request:
      return limits_.pending_requests;
    case Resource::request:
      return limits_.requests;
    case Resource::connection_pool:
      return limits_.connection_pools;
    case Resource::retry:
      return limits_.retry_budget
                 ? retries_within(*limits_.retry_budget,
                                  in_use(Resource::request) + in_use(Resource::pending_request))
                 : limits_.retries;
  }
  fail_check("a bulkhead caps known resources", std::source_location::current());
}

}  // namespace windtunnel::breaker
