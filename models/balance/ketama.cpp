#include "models/balance/ketama.hpp"

#include <array>
#include <span>
#include <utility>
#include <vector>

#include "models/balance/crc32.hpp"
#include "models/balance/hash_request.hpp"

namespace windtunnel::balance {

namespace {

struct HostAndPort {
  std::string_view host;
  std::string_view port;
};

HostAndPort split(std::string_view address) {
  constexpr std::string_view kUnix = "unix:";
  if (address.starts_with(kUnix)) {
    return {address.substr(kUnix.size()), {}};
  }
  const std::size_t last = address.find_last_not_of("0123456789");
  if (last == std::string_view::npos || address[last] != ':') {
    return {address, {}};
  }
  return {address.substr(0, last), address.substr(last + 1)};
}

std::uint32_t crc32_of_address(std::string_view address) {
  const HostAndPort parts = split(address);
  return crc32(parts.port, crc32(std::string_view{"\0", 1}, crc32(parts.host)));
}

std::array<char, 4> little_endian(std::uint32_t word) {
  std::array<char, 4> bytes{};
  for (char& byte : bytes) {
    byte = static_cast<char>(word & 0xff);
    word >>= 8;
  }
  return bytes;
}

HashRing<std::uint32_t> ring_of(const KetamaSpec& spec, std::span<const Endpoint> endpoints) {
  std::vector<HashRing<std::uint32_t>::Point> points;
  std::uint32_t peer = 0;
  for (const Endpoint& endpoint : endpoints) {
    if (endpoint.weight == 0) {
      continue;
    }
    const std::uint32_t base = crc32_of_address(endpoint.address);
    const std::uint64_t count = std::uint64_t{endpoint.weight} * spec.points_per_weight;
    std::uint32_t position = 0;
    for (std::uint64_t point = 0; point < count; ++point) {
      const std::array<char, 4> before = little_endian(position);
      position = crc32({before.data(), before.size()}, base);
      points.push_back({position, peer});
    }
    ++peer;
  }
  return {std::move(points), EqualPoints::drop};
}

}  // namespace

Ketama::Ketama(const KetamaSpec& spec, const PolicyInput& input)
    : peers_(input.endpoints), ring_(ring_of(spec, input.endpoints)) {}

std::optional<EndpointId> Ketama::pick(Instant /*now*/, const PickRequest& request) {
  const bool has_position = request.hash || !request.key.empty();
  if (ring_.empty() || peers_.size() == 1 || !has_position) {
    return peers_.next_in_turn(request);
  }
  // A retry walks the same way again, past what was tried: nginx keeps its place instead, and the
  // steps that it counts are the same.
  const auto position =
      request.hash ? static_cast<std::uint32_t>(*request.hash) : crc32(request.key);
  std::size_t point = ring_.at_or_after(position);
  for (std::uint32_t tries = 0; tries <= kNginxHashTriesMax; ++tries, point = ring_.after(point)) {
    const std::uint32_t peer = ring_[point].owner;
    if (!peers_.is_down(peer) && !was_tried(request, peers_.endpoint(peer))) {
      return peers_.endpoint(peer);
    }
  }
  return peers_.next_in_turn(request);
}

}  // namespace windtunnel::balance
