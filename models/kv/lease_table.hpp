// The replicated part of leases: which exist, for how long each lives without being renewed, and
// which keys go with it. When one expires is not here: only the leader decides that (Lessor).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "models/kv/lease_id.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::kv {

struct Lease {
  Duration ttl{};
  std::set<std::string, std::less<>> keys;
};

class LeaseTable {
 public:
  /// False where the id is zero or taken, or the time not positive.
  [[nodiscard]] bool grant(LeaseId id, Duration ttl);
  [[nodiscard]] bool exists(LeaseId id) const { return leases_.contains(id); }
  /// The key belongs to one lease at a time; no lease at all is zero. The new one must exist.
  void move(std::string_view key, LeaseId from, LeaseId to);
  /// Takes the lease out, with what was attached to it. Nothing where it does not exist.
  [[nodiscard]] std::optional<Lease> revoke(LeaseId id);

  [[nodiscard]] const std::map<LeaseId, Lease>& all() const { return leases_; }

 private:
  std::map<LeaseId, Lease> leases_;
};

}  // namespace windtunnel::kv
