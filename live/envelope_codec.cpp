#include "live/envelope_codec.hpp"

#include "runtime/byte_buffer.hpp"

namespace windtunnel::live {

FrameType frame_type_of(EnvelopeKind kind) {
  switch (kind) {
    case EnvelopeKind::command:
      return FrameType::command;
    case EnvelopeKind::response:
      return FrameType::response;
    case EnvelopeKind::event:
      return FrameType::event;
    case EnvelopeKind::refusal:
      return FrameType::nack;
  }
  return FrameType::event;
}

std::string body_of(const Envelope& envelope) {
  ByteBuffer body;
  ByteWriter out{body};
  out.fixed32(envelope.payload.empty() ? 0 : envelope.payload.type().id);
  out.varint(envelope.call);
  if (!envelope.payload.empty()) {
    envelope.payload.encode(out);
  }
  return std::string{body.view()};
}

std::optional<Envelope> envelope_of(const Frame& frame, const TypeRegistry& types) {
  if (frame.type == FrameType::ack) {
    return std::nullopt;
  }
  ByteReader in{frame.body};
  Envelope envelope;
  envelope.kind = static_cast<EnvelopeKind>(frame.type);
  const std::uint32_t type_id = in.fixed32();
  envelope.call = in.varint();
  if (frame.type == FrameType::nack) {
    if (type_id != 0) {
      in.fail();
    }
  } else {
    const TypeDescription* type = types.find(type_id);
    if (type == nullptr || !type->decode(in, envelope.payload)) {
      return std::nullopt;
    }
  }
  if (!in.ok() || in.remaining() != 0) {
    return std::nullopt;
  }
  return envelope;
}

}  // namespace windtunnel::live
