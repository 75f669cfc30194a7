#include "models/breaker/bulkhead.hpp"

namespace windtunnel::breaker {

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
      return limits_.retry_budget ? limits_.retry_budget->of(in_use(Resource::request) +
                                                             in_use(Resource::pending_request))
                                  : limits_.retries;
  }
  fail_check("a bulkhead caps known resources", std::source_location::current());
}

}  // namespace windtunnel::breaker
