// The frame of the wire protocol (MCP), and an incremental parser: bytes in, frames out. Pure
// functions of bytes; connections, acknowledgements and retransmission are the transport's, in
// live/.
//
// Layout, all integers little-endian:
//
//   offset  bytes  field
//        0      1  magic, 0xAA
//        1      1  version, 1
//        2      1  type: 1 command, 2 response, 3 event, 4 ack, 5 nack
//        3      1  reserved, 0
//        4      8  sequence id: of the frame itself; in an ack, of the last frame received
//       12      4  length of the body
//       16      n  body
//     16+n      4  CRC-32C of everything before it
//
// The body of a command, response or event is the wire id of its message type (4 bytes), its call
// id (a varint, 0 where there is none) and the message as the codec writes it; a nack carries wire
// id 0 and no message. An ack has no body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace windtunnel {

inline constexpr std::uint8_t kFrameMagic = 0xAA;
inline constexpr std::uint8_t kFrameVersion = 1;
inline constexpr std::size_t kFrameHeaderBytes = 16;
inline constexpr std::size_t kFrameChecksumBytes = 4;

enum class FrameType : std::uint8_t { command = 1, response = 2, event = 3, ack = 4, nack = 5 };

/// One frame as parsed. The body is a view into the parser's buffer.
struct Frame {
  FrameType type = FrameType::event;
  std::uint64_t sequence = 0;
  std::string_view body;
};

/// Appends one frame to `out`. The body is shorter than 4 GiB.
void write_frame(std::string& out, const Frame& frame);

/// What makes bytes no frame.
enum class FrameError : std::uint8_t {
  bad_magic,
  bad_version,
  bad_type,
  bad_reserved,
  body_too_long,
  bad_checksum
};

/// In words, as journals and reports have it: "bad checksum".
[[nodiscard]] std::string_view frame_error_text(FrameError error);

/// Cuts a stream of bytes into frames. The header is judged as its bytes arrive, before anything
/// grows on its behalf. After an error nothing further is read: a stream has no way back into step.
class FrameParser {
 public:
  explicit FrameParser(std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

  /// Takes what arrived. Invalidates the body of the frame that next() gave last.
  void feed(std::string_view bytes);

  /// The next whole frame; nothing where more bytes are needed or error() is set. Its body is valid
  /// until the next call of feed().
  [[nodiscard]] std::optional<Frame> next();

  [[nodiscard]] std::optional<FrameError> error() const { return error_; }

  /// Bytes fed and not yet given out in a frame.
  [[nodiscard]] std::size_t buffered_bytes() const { return buffer_.size() - consumed_; }

 private:
  [[nodiscard]] std::optional<FrameError> judge_header(std::string_view bytes) const;

  std::size_t body_bytes_max_;
  std::string buffer_;
  std::size_t consumed_ = 0;
  std::optional<FrameError> error_;
};

}  // namespace windtunnel
