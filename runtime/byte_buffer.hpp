// Writing and reading bytes for the codec: little-endian fixed widths, LEB128 varints,
// length-prefixed strings. The reader checks every bound and never throws; after its first failure
// it stays failed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace windtunnel {

/// Appends to a string that the caller owns and may reuse, so that encoding need not allocate.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  void byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }

  void varint(std::uint64_t value) {
    if (value < 0x80) [[likely]] {
      byte(static_cast<std::uint8_t>(value));
      return;
    }
    char bytes[10];
    std::size_t count = 0;
    for (; value >= 0x80; value >>= 7) {
      bytes[count++] = static_cast<char>(value | 0x80);
    }
    bytes[count++] = static_cast<char>(value);
    out_.append(bytes, count);
  }

  /// Zigzag: small magnitudes of either sign stay short.
  void signed_varint(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }

  void fixed32(std::uint32_t value) { fixed(value, 4); }
  void fixed64(std::uint64_t value) { fixed(value, 8); }

  void raw(std::string_view bytes) { out_.append(bytes); }

  void prefixed(std::string_view bytes) {
    varint(bytes.size());
    raw(bytes);
  }

  [[nodiscard]] std::size_t size() const { return out_.size(); }

 private:
  void fixed(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) {
      byte(static_cast<std::uint8_t>(value >> (8 * i)));
    }
  }

  std::string& out_;
};

/// Consumes bytes from the front of a view that must outlive it.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t remaining() const { return rest_.size(); }
  void fail() { ok_ = false; }

  [[nodiscard]] std::uint8_t byte() {
    if (!ok_ || rest_.empty()) {
      ok_ = false;
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }

  [[nodiscard]] std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      if (shift == 63 && next > 1) {
        break;  // Would overflow 64 bits.
      }
      value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
      if ((next & 0x80) == 0) {
        return ok_ ? value : 0;
      }
    }
    ok_ = false;
    return 0;
  }

  [[nodiscard]] std::int64_t signed_varint() {
    const std::uint64_t value = varint();
    return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
  }

  [[nodiscard]] std::uint32_t fixed32() { return static_cast<std::uint32_t>(fixed(4)); }
  [[nodiscard]] std::uint64_t fixed64() { return fixed(8); }

  /// A view of the next `count` bytes; empty, and the reader failed, when fewer remain.
  [[nodiscard]] std::string_view raw(std::uint64_t count) {
    if (!ok_ || count > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view bytes = rest_.substr(0, static_cast<std::size_t>(count));
    rest_.remove_prefix(bytes.size());
    return bytes;
  }

  [[nodiscard]] std::string_view prefixed() { return raw(varint()); }

 private:
  std::uint64_t fixed(int bytes) {
    std::uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) {
      value |= static_cast<std::uint64_t>(byte()) << (8 * i);
    }
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace windtunnel
