// Where the hosts of a cluster are. Configured entries stay; a host that is not configured, a
// client, is learned from its own hello.
#pragma once

#include <map>
#include <string>

#include "live/endpoint.hpp"
#include "runtime/byte_stream.hpp"
#include "runtime/id.hpp"

namespace windtunnel::live {

struct HostEntry {
  std::string name;
  Endpoint endpoint;
  /// Ports of byte streams whose number on the machine is another one.
  std::map<Port, std::uint16_t> stream_ports{};
  bool is_learned = false;
};

class HostTable {
 public:
  void add(HostId host, HostEntry entry) { entries_.insert_or_assign(host, std::move(entry)); }

  /// What a host says of itself; a configured entry is not overruled.
  void learn(HostId host, const Endpoint& endpoint);

  /// Null where the host is unknown.
  [[nodiscard]] const HostEntry* find(HostId host) const;

  /// The endpoint of a byte stream's port.
  [[nodiscard]] static Endpoint stream_endpoint(const HostEntry& entry, Port port);

  /// The only host at `address`; kUnknownHost where there is none or more than one.
  [[nodiscard]] HostId host_at(const asio::ip::address& address) const;

 private:
  std::map<HostId, HostEntry> entries_;
};

/// The peer of a byte stream whose host is not known.
inline constexpr HostId kUnknownHost{0xffffffffU};

}  // namespace windtunnel::live
