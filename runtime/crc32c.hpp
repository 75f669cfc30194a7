// CRC-32C, the checksum that ends every frame: the Castagnoli polynomial 0x1EDC6F41, reflected,
// with initial value and final inversion of all ones (RFC 3720, section 12.1). Tables only, no
// processor instructions.
#pragma once

#include <cstdint>
#include <string_view>

namespace windtunnel {

/// The checksum of `bytes`. To go on after an earlier part, pass that part's checksum as `before`.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace windtunnel
