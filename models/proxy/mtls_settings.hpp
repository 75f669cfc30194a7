// Mutual TLS between a proxy and the instances behind a route. Values only.
#pragma once

#include <boost/describe/class.hpp>

#include "runtime/instant.hpp"

namespace windtunnel::proxy {

struct MtlsSettings {
  /// A connection that is older is given up, and the next request begins with a handshake.
  Duration connection_age = std::chrono::hours{1};

  friend bool operator==(const MtlsSettings&, const MtlsSettings&) = default;
};
BOOST_DESCRIBE_STRUCT(MtlsSettings, (), (connection_age))

}  // namespace windtunnel::proxy
