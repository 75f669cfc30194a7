// When a request is sent to a second endpoint before the first has answered. Values only.
#pragma once

#include <cstdint>
#include <optional>

#include <boost/describe/class.hpp>

#include "models/proxy/parts_per_billion.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::proxy {

struct HedgeSettings {
  /// How long a copy has before the next one goes out. Absent: as long as this share of recent
  /// first copies took (`quantile`), and never while too few are known.
  std::optional<Duration> after{};
  PartsPerBillion quantile = 950'000'000;
  std::uint32_t attempts = 2;  ///< The first one included.
  /// Copies allowed beyond the first, as a share of requests. Absent: as many as attempts allow.
  std::optional<PartsPerBillion> budget{};

  friend bool operator==(const HedgeSettings&, const HedgeSettings&) = default;
};
BOOST_DESCRIBE_STRUCT(HedgeSettings, (), (after, quantile, attempts, budget))

}  // namespace windtunnel::proxy
