// HAProxy's hash functions and its avalanche, from which `hash-type` makes a key's place. Follows
// HAProxy 2.6.12: hash.c, intops.h (__full_hash), backend.c (gen_hash, get_server_sh).
#pragma once

#include <cstdint>
#include <string_view>

#include "models/balance/policy.hpp"

namespace windtunnel::balance {

enum class HaproxyHashFunction : std::uint8_t { sdbm, djb2, wt6, crc32 };
enum class HaproxyHashModifier : std::uint8_t { none, avalanche };

/// `hash-type <method> <function> <modifier>` without the method. `hash-type consistent` alone is
/// {sdbm, avalanche}, `hash-type map-based` alone is {sdbm, none}.
struct HaproxyHash {
  HaproxyHashFunction function = HaproxyHashFunction::sdbm;
  HaproxyHashModifier modifier = HaproxyHashModifier::none;
};

/// A bijection of 32-bit numbers that spreads small differences over all bits (Bob Jenkins's
/// integer hash, then a multiplication).
[[nodiscard]] std::uint32_t haproxy_avalanche(std::uint32_t number);

/// The hash of a header's value, a URL parameter's or a URI's.
[[nodiscard]] std::uint32_t haproxy_hash(const HaproxyHash& hash, std::string_view key);

/// What `balance source` hashes an address of 4 or 16 bytes in network order to: its 32-bit words
/// xored, the function being of no account. For PickRequest::hash.
[[nodiscard]] std::uint32_t haproxy_source_hash(HaproxyHashModifier modifier,
                                                std::string_view address);

}  // namespace windtunnel::balance
