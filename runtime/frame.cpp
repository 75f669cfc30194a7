#include "runtime/frame.hpp"

#include "runtime/byte_buffer.hpp"
#include "runtime/check.hpp"
#include "runtime/crc32c.hpp"

namespace windtunnel {

namespace {

constexpr std::size_t kLengthOffset = 12;

std::uint8_t byte_at(std::string_view bytes, std::size_t index) {
  return static_cast<std::uint8_t>(bytes[index]);
}

bool is_frame_type(std::uint8_t type) {
  return type >= static_cast<std::uint8_t>(FrameType::command) &&
         type <= static_cast<std::uint8_t>(FrameType::nack);
}

std::uint32_t fixed32_at(std::string_view bytes, std::size_t index) {
  ByteReader in{bytes.substr(index)};
  return in.fixed32();
}

}  // namespace

void write_frame(std::string& out, const Frame& frame) {
  check(frame.body.size() <= UINT32_MAX, "the length of a frame's body fits its field");
  const std::size_t start = out.size();
  ByteBuffer header;
  ByteWriter writer{header};
  writer.byte(kFrameMagic);
  writer.byte(kFrameVersion);
  writer.byte(static_cast<std::uint8_t>(frame.type));
  writer.byte(0);
  writer.fixed64(frame.sequence);
  writer.fixed32(static_cast<std::uint32_t>(frame.body.size()));
  out += header.view();
  out += frame.body;
  ByteBuffer checksum;
  ByteWriter{checksum}.fixed32(crc32c(std::string_view{out}.substr(start)));
  out += checksum.view();
}

std::string_view frame_error_text(FrameError error) {
  switch (error) {
    case FrameError::bad_magic:
      return "bad magic";
    case FrameError::bad_version:
      return "bad version";
    case FrameError::bad_type:
      return "bad type";
    case FrameError::bad_reserved:
      return "bad reserved byte";
    case FrameError::body_too_long:
      return "body too long";
    case FrameError::bad_checksum:
      return "bad checksum";
  }
  return "?";
}

void FrameParser::feed(std::string_view bytes) {
  if (error_) {
    return;
  }
  buffer_.erase(0, consumed_);
  consumed_ = 0;
  buffer_.append(bytes);
}

std::optional<FrameError> FrameParser::judge_header(std::string_view bytes) const {
  if (!bytes.empty() && byte_at(bytes, 0) != kFrameMagic) {
    return FrameError::bad_magic;
  }
  if (bytes.size() > 1 && byte_at(bytes, 1) != kFrameVersion) {
    return FrameError::bad_version;
  }
  if (bytes.size() > 2 && !is_frame_type(byte_at(bytes, 2))) {
    return FrameError::bad_type;
  }
  if (bytes.size() > 3 && byte_at(bytes, 3) != 0) {
    return FrameError::bad_reserved;
  }
  if (bytes.size() >= kFrameHeaderBytes && fixed32_at(bytes, kLengthOffset) > body_bytes_max_) {
    return FrameError::body_too_long;
  }
  return std::nullopt;
}

std::optional<Frame> FrameParser::next() {
  if (error_) {
    return std::nullopt;
  }
  const std::string_view rest = std::string_view{buffer_}.substr(consumed_);
  error_ = judge_header(rest);
  if (error_ || rest.size() < kFrameHeaderBytes) {
    return std::nullopt;
  }
  const std::size_t checked_bytes = kFrameHeaderBytes + fixed32_at(rest, kLengthOffset);
  if (rest.size() < checked_bytes + kFrameChecksumBytes) {
    return std::nullopt;
  }
  if (crc32c(rest.substr(0, checked_bytes)) != fixed32_at(rest, checked_bytes)) {
    error_ = FrameError::bad_checksum;
    return std::nullopt;
  }
  consumed_ += checked_bytes + kFrameChecksumBytes;
  ByteReader in{rest.substr(4)};
  const std::uint64_t sequence = in.fixed64();
  return Frame{static_cast<FrameType>(byte_at(rest, 2)), sequence,
               rest.substr(kFrameHeaderBytes, checked_bytes - kFrameHeaderBytes)};
}

}  // namespace windtunnel
