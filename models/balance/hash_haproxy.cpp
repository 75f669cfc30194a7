#include "models/balance/hash_haproxy.hpp"

#include <bit>
#include <cstddef>

#include "models/balance/crc32.hpp"
#include "runtime/check.hpp"

namespace windtunnel::balance {

namespace {

std::uint32_t sdbm(std::string_view key) {
  std::uint32_t hash = 0;
  for (const char byte : key) {
    hash = hash * 65599 + static_cast<std::uint8_t>(byte);
  }
  return hash;
}

std::uint32_t djb2(std::string_view key) {
  std::uint32_t hash = 5381;
  for (const char byte : key) {
    hash = hash * 33 + static_cast<std::uint8_t>(byte);
  }
  return hash;
}

/// Two words turned by amounts that depend on what went in before.
std::uint32_t wt6(std::string_view key) {
  std::uint32_t first = 0xa53c965a;
  std::uint32_t second = 0x5ca6953a;
  int turn_first = 6;
  int turn_second = 18;
  for (const char byte : key) {
    const std::uint32_t in = static_cast<std::uint8_t>(byte);
    const std::uint32_t mixed_first = ~(first ^ in);
    const std::uint32_t mixed_second = ~(second + in);
    first = std::rotl(mixed_second, turn_first);
    second = std::rotl(mixed_first, turn_second);
    const std::uint32_t turns = ((first >> 16) ^ second) & 0xffff;
    turn_first = static_cast<int>(turns & 31);
    turn_second = static_cast<int>(turns >> 11);
  }
  return first ^ second;
}

std::uint32_t plain_hash(HaproxyHashFunction function, std::string_view key) {
  switch (function) {
    case HaproxyHashFunction::sdbm:
      return sdbm(key);
    case HaproxyHashFunction::djb2:
      return djb2(key);
    case HaproxyHashFunction::wt6:
      return wt6(key);
    case HaproxyHashFunction::crc32:
      return crc32(key);
  }
  check(false, "a hash function that HAProxy does not have");
  return 0;
}

std::uint32_t modified(HaproxyHashModifier modifier, std::uint32_t hash) {
  return modifier == HaproxyHashModifier::avalanche ? haproxy_avalanche(hash) : hash;
}

}  // namespace

std::uint32_t haproxy_avalanche(std::uint32_t number) {
  number = (number + 0x7ed55d16) + (number << 12);
  number = (number ^ 0xc761c23c) ^ (number >> 19);
  number = (number + 0x165667b1) + (number << 5);
  number = (number + 0xd3a2646c) ^ (number << 9);
  number = (number + 0xfd7046c5) + (number << 3);
  number = (number ^ 0xb55a4f09) ^ (number >> 16);
  return number * 3221225473U;
}

std::uint32_t haproxy_hash(const HaproxyHash& hash, std::string_view key) {
  return modified(hash.modifier, plain_hash(hash.function, key));
}

std::uint32_t haproxy_source_hash(HaproxyHashModifier modifier, std::string_view address) {
  check(address.size() == 4 || address.size() == 16, "an IP address has 4 or 16 bytes");
  std::uint32_t words = 0;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const int shift = static_cast<int>(24 - 8 * (i % 4));
    words ^= std::uint32_t{static_cast<std::uint8_t>(address[i])} << shift;
  }
  return modified(modifier, words);
}

}  // namespace windtunnel::balance
