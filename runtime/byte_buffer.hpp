// Writing and reading bytes for the codec: little-endian fixed widths, LEB128 varints,
// length-prefixed strings. The reader checks every bound and never throws; after its first failure
// it stays failed.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace windtunnel {

/// Bytes that grow at the end and whose memory is used again after clear(). What std::string would
/// do, but in line: writing a field of a message costs a comparison and a store.
class ByteBuffer {
 public:
  [[nodiscard]] std::string_view view() const { return {memory_.get(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  void clear() { size_ = 0; }

  /// Where `count` more bytes are to be written; commit() says how many of them were.
  [[nodiscard]] char* room_for(std::size_t count) {
    if (capacity_ - size_ < count) [[unlikely]] {
      grow(count);
    }
    return memory_.get() + size_;
  }
  void commit(std::size_t count) { size_ += count; }

  /// Writes `value` over the four bytes from `at` on, as ByteWriter::fixed32() would.
  /// Precondition: they have been written.
  void overwrite_fixed32(std::size_t at, std::uint32_t value) { put(at, value, 4); }
  void overwrite_fixed64(std::size_t at, std::uint64_t value) { put(at, value, 8); }

 private:
  void put(std::size_t at, std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) {
      memory_[at + i] = static_cast<char>(value >> (8 * i));
    }
  }

  void grow(std::size_t count) {
    constexpr std::size_t kFirstBytes = 128;
    const std::size_t capacity = std::max({size_ + count, 2 * capacity_, kFirstBytes});
    auto memory = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) {
      std::memcpy(memory.get(), memory_.get(), size_);
    }
    memory_ = std::move(memory);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> memory_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// Appends to a buffer that the caller owns and may reuse, so that encoding need not allocate.
class ByteWriter {
 public:
  explicit ByteWriter(ByteBuffer& out) : out_(out) {}

  void byte(std::uint8_t value) {
    *out_.room_for(1) = static_cast<char>(value);
    out_.commit(1);
  }

  void varint(std::uint64_t value) {
    if (value < 0x80) [[likely]] {
      byte(static_cast<std::uint8_t>(value));
    } else if (value < 0x4000) {
      char* const begin = out_.room_for(2);
      begin[0] = static_cast<char>(value | 0x80U);
      begin[1] = static_cast<char>(value >> 7U);
      out_.commit(2);
    } else {
      long_varint(value);
    }
  }

  /// Zigzag: small magnitudes of either sign stay short.
  void signed_varint(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }

  void fixed32(std::uint32_t value) { fixed(value, 4); }
  void fixed64(std::uint64_t value) { fixed(value, 8); }

  void raw(std::string_view bytes) {
    if (!bytes.empty()) {
      std::memcpy(out_.room_for(bytes.size()), bytes.data(), bytes.size());
      out_.commit(bytes.size());
    }
  }

  void prefixed(std::string_view bytes) {
    varint(bytes.size());
    raw(bytes);
  }

 private:
  /// Without a loop, whose end a processor cannot foresee: the groups of seven bits of up to eight
  /// bytes are spread at once.
  void long_varint(std::uint64_t value) {
    constexpr std::size_t kMostBytes = 10;
    constexpr std::size_t kSpread = 8;
    const auto bytes = (static_cast<std::size_t>(std::bit_width(value)) + 6) / 7;
    char* const begin = out_.room_for(kMostBytes);
    // Halves of 28 bits, quarters of 14, groups of 7.
    std::uint64_t spread = value & 0x00ffffffffffffffULL;
    spread = (spread & 0x0fffffffULL) | ((spread & 0x00fffffff0000000ULL) << 4U);
    spread = (spread & 0x00003fff00003fffULL) | ((spread & 0x0fffc0000fffc000ULL) << 2U);
    spread = (spread & 0x007f007f007f007fULL) | ((spread & 0x3f803f803f803f80ULL) << 1U);
    const std::uint64_t more =
        bytes > kSpread ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * (bytes - 1))) - 1;
    spread |= more & 0x8080808080808080ULL;
    for (std::size_t i = 0; i < kSpread; ++i) {
      begin[i] = static_cast<char>(spread >> (8 * i));
    }
    if (bytes > kSpread) {
      const std::uint64_t rest = value >> 56U;
      begin[8] = static_cast<char>(rest < 0x80 ? rest : rest | 0x80U);
      begin[9] = static_cast<char>(rest >> 7U);
    }
    out_.commit(bytes);
  }

  void fixed(std::uint64_t value, std::size_t bytes) {
    char* const begin = out_.room_for(bytes);
    for (std::size_t i = 0; i < bytes; ++i) {
      begin[i] = static_cast<char>(value >> (8 * i));
    }
    out_.commit(bytes);
  }

  ByteBuffer& out_;
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
