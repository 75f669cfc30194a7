// Fuzzes everything between the bytes of a connection and the messages in them: FrameParser, the
// envelope codec and the greetings. The input is the size of the pieces that arrive, then records
// of (kind, length, bytes). Most become whole frames, since no fuzzer guesses a CRC; the others are
// put on the wire as they are.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "live/envelope_codec.hpp"
#include "live/greeting.hpp"
#include "models/kv/node_messages.hpp"
#include "runtime/byte_buffer.hpp"
#include "runtime/check.hpp"
#include "runtime/frame.hpp"

namespace {

using namespace windtunnel;        // NOLINT(google-build-using-namespace): this file is the fuzzer
using namespace windtunnel::live;  // NOLINT(google-build-using-namespace): alone.

/// Small enough that a record can exceed it.
constexpr std::size_t kBodyBytesMax = 240;

constexpr std::array kGreetingNames{Hello::kWireName, Welcome::kWireName};

/// Of the message types that a connection carries, from 0; empty beyond the last.
std::string_view wire_name(std::size_t number) {
  const std::size_t messages = kv::kNodeMessageNames.size();
  if (number < messages) {
    return kv::kNodeMessageNames[number];
  }
  return number - messages < kGreetingNames.size() ? kGreetingNames[number - messages]
                                                   : std::string_view{};
}

struct OwnedFrame {
  FrameType type = FrameType::event;
  std::uint64_t sequence = 0;
  std::string body;
  friend bool operator==(const OwnedFrame&, const OwnedFrame&) = default;
};

/// What a connection carries, and what its receiver must find in it.
struct Stream {
  std::string bytes;
  std::vector<OwnedFrame> frames;  ///< Up to the first record that is no frame to the receiver.
  bool is_sound = true;            ///< There is no such record.
};

struct Parsed {
  std::vector<OwnedFrame> frames;
  std::optional<FrameError> error;
  friend bool operator==(const Parsed&, const Parsed&) = default;
};

/// A kind that is not a frame type means raw bytes; above the three bits of the type it names the
/// message type whose wire id goes first, 0 for none.
void append_record(Stream& stream, std::uint8_t kind, std::string_view bytes) {
  const std::uint8_t type = kind & 7U;
  if (type < 1 || type > 5) {
    stream.bytes += bytes;
    stream.is_sound = stream.is_sound && bytes.empty();
    return;
  }
  std::string body;
  const std::size_t number = kind >> 3U;
  if (const std::string_view name = wire_name(number - 1); number > 0 && !name.empty()) {
    ByteBuffer id;
    ByteWriter{id}.fixed32(wire_id(name));
    body += id.view();
  }
  body += bytes;
  const std::uint64_t sequence = stream.frames.size();
  write_frame(stream.bytes, {static_cast<FrameType>(type), sequence, body});
  stream.is_sound = stream.is_sound && body.size() <= kBodyBytesMax;
  if (stream.is_sound) {
    stream.frames.push_back({static_cast<FrameType>(type), sequence, std::move(body)});
  }
}

Stream stream_of(ByteReader& in) {
  Stream stream;
  while (in.remaining() > 0) {
    const std::uint8_t kind = in.byte();
    const std::size_t length = in.byte();
    append_record(stream, kind, in.raw(std::min(length, in.remaining())));
  }
  return stream;
}

Parsed parse(std::string_view bytes, std::size_t piece_bytes) {
  FrameParser parser{kBodyBytesMax};
  Parsed parsed;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece_bytes, bytes.size()))) {
    parser.feed(bytes.substr(0, piece_bytes));
    while (const std::optional<Frame> frame = parser.next()) {
      parsed.frames.push_back({frame->type, frame->sequence, std::string{frame->body}});
    }
  }
  parsed.error = parser.error();
  return parsed;
}

void check_stream(const Stream& stream, const Parsed& parsed) {
  check(std::all_of(parsed.frames.begin(), parsed.frames.end(),
                    [](const OwnedFrame& frame) { return frame.body.size() <= kBodyBytesMax; }),
        "no body is longer than allowed");
  check(stream.frames.size() <= parsed.frames.size() &&
            std::equal(stream.frames.begin(), stream.frames.end(), parsed.frames.begin()),
        "frames that were written are read");
  if (stream.is_sound) {
    check(parsed.frames.size() == stream.frames.size() && !parsed.error,
          "nothing else is read where nothing else was written");
  }
}

/// Bytes that decode need not be the ones that encode writes (a varint may be longer than it has
/// to be), but what encode writes is stable.
void check_envelope(const OwnedFrame& frame, const TypeRegistry& types) {
  const auto envelope = envelope_of({frame.type, frame.sequence, frame.body}, types);
  if (!envelope) {
    return;
  }
  check(frame_type_of(envelope->kind) == frame.type, "an envelope's kind is its frame's type");
  check(envelope->kind == EnvelopeKind::refusal || !envelope->payload.empty(),
        "an envelope that is no refusal has a payload");
  const std::string body = body_of(*envelope);
  check(body.size() <= frame.body.size(), "encode writes the shortest form");
  const auto again = envelope_of({frame.type, frame.sequence, body}, types);
  check(again.has_value(), "what encode writes decodes");
  check(again->call == envelope->call && body_of(*again) == body, "a message survives its codec");
}

template <Named Greeting>
void check_greeting(const OwnedFrame& frame) {
  const auto greeting = greeting_of<Greeting>({frame.type, frame.sequence, frame.body});
  if (!greeting) {
    return;
  }
  std::string bytes;
  write_greeting(bytes, *greeting);
  const Parsed again = parse(bytes, bytes.size());
  check(again.frames.size() == 1, "a greeting is one frame");
  check(encoded(*greeting_of<Greeting>({again.frames[0].type, 0, again.frames[0].body})) ==
            encoded(*greeting),
        "a greeting survives its codec");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TypeRegistry types = TypeRegistry::of(kv::NodeMessages{});
  const std::string input(data, data + size);
  ByteReader in{input};
  const std::size_t piece_bytes = std::size_t{in.byte()} + 1;
  const Stream stream = stream_of(in);
  const Parsed parsed = parse(stream.bytes, piece_bytes);
  check(parsed == parse(stream.bytes, stream.bytes.size()), "pieces do not matter");
  check_stream(stream, parsed);
  for (const OwnedFrame& frame : parsed.frames) {
    check_envelope(frame, types);
    check_greeting<Hello>(frame);
    check_greeting<Welcome>(frame);
  }
  return 0;
}
