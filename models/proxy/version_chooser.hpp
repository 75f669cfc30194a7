// Chooses the version of a service that a request goes to, by the shares of a TrafficSplit. A core:
// which instance of that version it is, is the balancer's business. Every attempt of a request goes
// to the version that was chosen for it (as Envoy's weighted clusters): a retry that went to
// another version would hide a bad one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "models/proxy/traffic_split.hpp"
#include "runtime/random.hpp"

namespace windtunnel::proxy {

class VersionChooser {
 public:
  /// `split` is one that split_of() accepts.
  VersionChooser(TrafficSplit split, RandomStream random);

  /// The split from now on. The draws go on where they are.
  void apply(TrafficSplit split) { split_ = std::move(split); }
  /// There is no split for the time being. Whoever made the chooser keeps it: one made anew would
  /// repeat its draws.
  void suspend() { split_.reset(); }

  /// By key, the newest version holds the first stretch of the hashes and each older one what
  /// follows: as the newest one's share grows, keys move to it and none moves away from it. The
  /// hash depends on the service, too: no user is the first to meet every new version. A request
  /// without a key draws. 0, which is any version, without a split. O(versions).
  [[nodiscard]] std::uint32_t choose(std::string_view key);

 private:
  [[nodiscard]] PartsPerBillion place_of(std::string_view key) const;

  std::optional<TrafficSplit> split_;
  RandomStream random_;
};

}  // namespace windtunnel::proxy
