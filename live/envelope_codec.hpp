// Envelopes as the bodies of frames, and back. The layout is that of runtime/frame.hpp.
#pragma once

#include <optional>
#include <string>

#include "live/type_registry.hpp"
#include "runtime/frame.hpp"
#include "runtime/messenger.hpp"

namespace windtunnel::live {

[[nodiscard]] FrameType frame_type_of(EnvelopeKind kind);
[[nodiscard]] std::string body_of(const Envelope& envelope);

/// Nothing where the body is malformed, its type unknown, or the frame an ack. Every decoded
/// envelope but a refusal has a payload.
[[nodiscard]] std::optional<Envelope> envelope_of(const Frame& frame, const TypeRegistry& types);

}  // namespace windtunnel::live
