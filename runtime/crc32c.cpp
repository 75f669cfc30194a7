#include "runtime/crc32c.hpp"

#include <array>
#include <cstddef>

namespace windtunnel {

namespace {

constexpr std::uint32_t kReflectedPolynomial = 0x82F63B78U;
constexpr std::size_t kSlices = 8;

using Table = std::array<std::uint32_t, 256>;

// Table k tells what a byte does to the remainder after k further zero bytes, so that eight bytes
// are taken with eight independent look-ups ("slicing-by-8", Kounavis and Berry, 2005).
constexpr std::array<Table, kSlices> make_tables() {
  std::array<Table, kSlices> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? kReflectedPolynomial : 0);
    }
    tables[0][byte] = remainder;
  }
  for (std::size_t slice = 1; slice < kSlices; ++slice) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t shorter = tables[slice - 1][byte];
      tables[slice][byte] = (shorter >> 8) ^ tables[0][shorter & 0xff];
    }
  }
  return tables;
}

constexpr std::array<Table, kSlices> kTables = make_tables();

std::uint32_t byte_at(std::string_view bytes, std::size_t index) {
  return static_cast<std::uint8_t>(bytes[index]);
}

std::uint32_t word_at(std::string_view bytes, std::size_t index) {
  return byte_at(bytes, index) | byte_at(bytes, index + 1) << 8 | byte_at(bytes, index + 2) << 16 |
         byte_at(bytes, index + 3) << 24;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  std::uint32_t crc = ~before;
  for (; bytes.size() >= kSlices; bytes.remove_prefix(kSlices)) {
    const std::uint32_t low = word_at(bytes, 0) ^ crc;
    const std::uint32_t high = word_at(bytes, 4);
    crc = kTables[7][low & 0xff] ^ kTables[6][(low >> 8) & 0xff] ^ kTables[5][(low >> 16) & 0xff] ^
          kTables[4][low >> 24] ^ kTables[3][high & 0xff] ^ kTables[2][(high >> 8) & 0xff] ^
          kTables[1][(high >> 16) & 0xff] ^ kTables[0][high >> 24];
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    crc = (crc >> 8) ^ kTables[0][(crc ^ byte_at(bytes, i)) & 0xff];
  }
  return ~crc;
}

}  // namespace windtunnel
