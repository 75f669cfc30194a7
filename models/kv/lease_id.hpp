// The name of a lease.
#pragma once

#include <cstdint>

#include "runtime/id.hpp"

namespace windtunnel::kv {

/// The revision at which it was granted: never used twice, so that a request that arrives late,
/// when its lease has come and gone, cannot bring the same lease back without its keys. Zero is no
/// lease, as in etcd.
using LeaseId = Id<struct LeaseTag, std::uint64_t>;

}  // namespace windtunnel::kv
