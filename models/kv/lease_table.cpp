#include "models/kv/lease_table.hpp"

#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::kv {

bool LeaseTable::grant(LeaseId id, Duration ttl) {
  if (id == LeaseId{} || ttl <= Duration::zero()) {
    return false;
  }
  return leases_.try_emplace(id, Lease{ttl, {}}).second;
}

void LeaseTable::move(std::string_view key, LeaseId from, LeaseId to) {
  if (from == to) {
    return;
  }
  if (const auto old = leases_.find(from); old != leases_.end()) {
    if (const auto attached = old->second.keys.find(key); attached != old->second.keys.end()) {
      old->second.keys.erase(attached);
    }
  }
  if (to != LeaseId{}) {
    const auto lease = leases_.find(to);
    check(lease != leases_.end(), "a key is attached to a lease that exists");
    lease->second.keys.emplace(key);
  }
}

std::optional<Lease> LeaseTable::revoke(LeaseId id) {
  const auto found = leases_.find(id);
  if (found == leases_.end()) {
    return std::nullopt;
  }
  Lease lease = std::move(found->second);
  leases_.erase(found);
  return lease;
}

}  // namespace windtunnel::kv
