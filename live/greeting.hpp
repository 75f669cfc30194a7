// How two processes introduce themselves: the first frame in each direction of a connection, with
// sequence id 0. The opener says Hello, the other answers Welcome.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include "runtime/codec.hpp"
#include "runtime/frame.hpp"
#include "runtime/id.hpp"
#include "runtime/payload.hpp"

namespace windtunnel::live {

/// One life of a process: drawn at its start, never used again.
using SessionId = Id<struct SessionTag, std::uint64_t>;

struct Hello {
  static constexpr std::string_view kWireName = "live.hello";
  HostId host{};
  SessionId session{};
  std::string listen;  ///< Where the opener takes connections itself.
};
BOOST_DESCRIBE_STRUCT(Hello, (), (host, session, listen))

struct Welcome {
  static constexpr std::string_view kWireName = "live.welcome";
  HostId host{};
  SessionId session{};
  std::uint64_t received = 0;  ///< The last sequence id that arrived from the opener's session.
};
BOOST_DESCRIBE_STRUCT(Welcome, (), (host, session, received))

template <Named Greeting>
void write_greeting(std::string& out, const Greeting& greeting) {
  ByteBuffer body;
  ByteWriter writer{body};
  writer.fixed32(wire_id(Greeting::kWireName));
  writer.varint(0);
  encode(writer, greeting);
  write_frame(out, {FrameType::event, 0, body.view()});
}

/// Nothing where the frame is not this greeting.
template <Named Greeting>
[[nodiscard]] std::optional<Greeting> greeting_of(const Frame& frame) {
  ByteReader in{frame.body};
  const bool is_greeting = frame.type == FrameType::event && frame.sequence == 0 &&
                           in.fixed32() == wire_id(Greeting::kWireName) && in.varint() == 0;
  Greeting greeting;
  decode(in, greeting);
  if (!is_greeting || !in.ok() || in.remaining() != 0) {
    return std::nullopt;
  }
  return greeting;
}

}  // namespace windtunnel::live
