// TCP endpoints as configurations write them: a numeric address and a port, "127.0.0.1:7001" or
// "[::1]:7001". Names are not resolved.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "runtime/completion.hpp"

namespace windtunnel::live {

using Endpoint = asio::ip::tcp::endpoint;

[[nodiscard]] std::optional<Endpoint> parse_endpoint(std::string_view text);
[[nodiscard]] std::string endpoint_text(const Endpoint& endpoint);

}  // namespace windtunnel::live
