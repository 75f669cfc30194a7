#include "models/kv/command.hpp"

#include <utility>

#include "runtime/codec.hpp"

namespace windtunnel::kv {

namespace {

template <std::size_t kKind = 0>
std::optional<Command> decoded_as(std::size_t kind, ByteReader& in) {
  if constexpr (kKind == std::variant_size_v<Command>) {
    return std::nullopt;
  } else {
    if (kind != kKind) {
      return decoded_as<kKind + 1>(kind, in);
    }
    std::variant_alternative_t<kKind, Command> command;
    decode(in, command);
    if (!in.ok() || in.remaining() != 0) {
      return std::nullopt;
    }
    return Command{command};
  }
}

}  // namespace

void encode_command(ByteWriter& out, const Command& command) {
  out.byte(static_cast<std::uint8_t>(command.index()));
  std::visit([&out](const auto& one) { encode(out, one); }, command);
}

std::optional<Command> decoded_command(std::string_view bytes) {
  ByteReader in{bytes};
  const std::uint8_t kind = in.byte();
  return decoded_as(kind, in);
}

}  // namespace windtunnel::kv
