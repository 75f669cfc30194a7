#include "models/proxy/endpoint_documents.hpp"

#include "runtime/codec.hpp"

namespace windtunnel::proxy {

std::string endpoint_prefix_of(std::string_view service) {
  std::string prefix{kEndpointFeed.document_prefix};
  prefix += service;
  prefix += '/';
  return prefix;
}

std::optional<EndpointName> endpoint_name_of(std::string_view document) {
  if (!document.starts_with(kEndpointFeed.document_prefix)) {
    return std::nullopt;
  }
  document.remove_prefix(kEndpointFeed.document_prefix.size());
  const std::size_t slash = document.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  return EndpointName{document.substr(0, slash), document.substr(slash + 1)};
}

std::optional<std::string> endpoint_flaw_of(const config::Update& update) {
  for (const config::Document& document : update.written) {
    const std::optional<EndpointName> name = endpoint_name_of(document.name);
    if (!name) {
      continue;
    }
    const auto instance = decoded<registry::Instance>(document.content.view());
    if (!instance || instance->service != name->service || instance->id != name->instance) {
      return document.name + ": its content is no such instance";
    }
  }
  return std::nullopt;
}

}  // namespace windtunnel::proxy
