// CRC-32 as zlib, nginx and HAProxy compute it: the IEEE 802.3 polynomial 0x04C11DB7, reflected,
// with initial value and final inversion of all ones. What ends a frame is another polynomial
// (runtime/crc32c.hpp).
#pragma once

#include <cstdint>
#include <string_view>

namespace windtunnel::balance {

/// The checksum of `bytes`. To go on after an earlier part, pass that part's checksum as `before`.
[[nodiscard]] std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);

}  // namespace windtunnel::balance
