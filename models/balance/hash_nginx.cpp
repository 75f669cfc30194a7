#include "models/balance/hash_nginx.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "models/balance/crc32.hpp"
#include "models/balance/hash_request.hpp"

namespace windtunnel::balance {

namespace {

/// What the `rehash`-th hash of `key` adds; the first is number 0.
std::uint32_t hash_step(std::uint32_t rehash, std::string_view key) {
  std::uint32_t crc = 0;
  if (rehash > 0) {
    std::array<char, 10> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), rehash).ptr;
    crc = crc32({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }
  return (crc32(key, crc) >> 16) & 0x7fff;
}

}  // namespace

NginxHash::NginxHash(const NginxHashSpec& /*spec*/, const PolicyInput& input)
    : peers_(input.endpoints) {}

std::optional<EndpointId> NginxHash::pick(Instant /*now*/, const PickRequest& request) {
  if (peers_.size() <= 1 || request.key.empty()) {
    return peers_.next_in_turn(request);
  }
  // nginx keeps hash and tries from one attempt of a request to the next. Here they are computed
  // again: a step that leads to the next endpoint tried was a success then and no fruitless try.
  std::uint32_t hash = 0;
  std::size_t replayed = 0;
  std::uint32_t rehash = 0;
  for (std::uint32_t tries = 0; tries <= kNginxHashTriesMax; ++rehash) {
    hash += hash_step(rehash, request.key);
    const std::size_t peer = peers_.at_weight(hash % peers_.total_weight());
    const EndpointId endpoint = peers_.endpoint(peer);
    if (replayed < request.tried.size() && request.tried[replayed] == endpoint) {
      ++replayed;
    } else if (peers_.is_down(peer) || was_tried(request, endpoint)) {
      ++tries;
    } else {
      return endpoint;
    }
  }
  return peers_.next_in_turn(request);
}

}  // namespace windtunnel::balance
