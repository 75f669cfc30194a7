#include "live/endpoint.hpp"

#include <charconv>

#include <boost/asio/ip/address.hpp>

namespace windtunnel::live {

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size()) {
    return std::nullopt;
  }
  std::string_view address = text.substr(0, colon);
  const bool is_bracketed = address.starts_with('[') && address.ends_with(']');
  if (is_bracketed) {
    address = address.substr(1, address.size() - 2);
  }
  error_code error;
  const auto ip = asio::ip::make_address(address, error);
  if (error || ip.is_v6() != is_bracketed) {
    return std::nullopt;
  }
  return Endpoint{ip, port};
}

std::string endpoint_text(const Endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace windtunnel::live
