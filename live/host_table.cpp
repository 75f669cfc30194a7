#include "live/host_table.hpp"

namespace windtunnel::live {

void HostTable::learn(HostId host, const Endpoint& endpoint) {
  const auto [entry, added] = entries_.try_emplace(host, HostEntry{});
  if (added || entry->second.is_learned) {
    entry->second = HostEntry{endpoint_text(endpoint), endpoint, {}, true};
  }
}

const HostEntry* HostTable::find(HostId host) const {
  const auto found = entries_.find(host);
  return found == entries_.end() ? nullptr : &found->second;
}

Endpoint HostTable::stream_endpoint(const HostEntry& entry, Port port) {
  const auto mapped = entry.stream_ports.find(port);
  return {entry.endpoint.address(),
          mapped == entry.stream_ports.end() ? port.value() : mapped->second};
}

HostId HostTable::host_at(const asio::ip::address& address) const {
  HostId found = kUnknownHost;
  for (const auto& [host, entry] : entries_) {
    if (entry.endpoint.address() == address) {
      if (found != kUnknownHost) {
        return kUnknownHost;
      }
      found = host;
    }
  }
  return found;
}

}  // namespace windtunnel::live
