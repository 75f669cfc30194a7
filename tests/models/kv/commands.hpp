// Commands as a Node would put them into its log, for tests of what applies them.
#pragma once

#include <string>

#include "models/kv/command.hpp"
#include "runtime/bytes.hpp"

namespace windtunnel::kv {

inline SharedBytes bytes_of(const Command& command) {
  ByteBuffer bytes;
  ByteWriter out{bytes};
  encode_command(out, command);
  return SharedBytes{bytes.view()};
}

}  // namespace windtunnel::kv
