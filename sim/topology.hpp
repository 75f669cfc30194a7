// Where hosts stand and how they are wired: a directed Boost.Graph of hosts, zone switches and
// region routers. Routes are shortest paths by mean latency, cached until the topology changes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/distribution.hpp"
#include "runtime/id.hpp"

namespace windtunnel::sim {

using EdgeId = Id<struct EdgeTag>;
using VertexId = Id<struct VertexTag>;

/// What one direction of a link does to what crosses it.
struct LinkQuality {
  DurationDistribution latency = Constant{};
  std::uint64_t bits_per_second = 0;  ///< 0: unlimited.
  Probability loss{};
  Probability duplication{};  ///< Datagrams only.
  Probability reordering{};   ///< Datagrams only: held back by `reordering_delay`.
  Duration reordering_delay{};
};

/// Quality by distance. `zone` is between two hosts of one zone, `region` between two zones of one
/// region, `wan` between two regions; each is the whole one-way journey.
struct TopologyQuality {
  LinkQuality zone{};
  LinkQuality region{};
  LinkQuality wan{};
};

/// Hosts in zones in regions. Copies are cheap enough for one per world; a world changes only its
/// own.
class Topology {
 public:
  Topology();
  Topology(Topology&&) noexcept;
  Topology& operator=(Topology&&) noexcept;
  ~Topology();

  /// A topology of named zones; `zone_regions[i]` is zone i's region. Each zone is a switch with an
  /// entry and an exit, so that a journey crosses exactly one edge with a latency: within the zone,
  /// to another zone, or to another region.
  static Topology of_zones(const std::vector<std::string>& zones,
                           const std::vector<std::string>& zone_regions,
                           const TopologyQuality& quality);

  /// Adds a host to a zone, given by its index; ids count from zero.
  HostId add_host(std::string_view name, std::size_t zone);

  /// A bare vertex or edge, for topologies that are not zones and regions.
  VertexId add_vertex(std::string_view name);
  EdgeId add_edge(VertexId from, VertexId to, LinkQuality quality);
  HostId add_host_at(std::string_view name, VertexId vertex);

  [[nodiscard]] std::size_t host_count() const;
  [[nodiscard]] const std::string& host_name(HostId host) const;
  [[nodiscard]] std::optional<HostId> find_host(std::string_view name) const;
  [[nodiscard]] std::size_t edge_count() const;
  [[nodiscard]] const LinkQuality& quality(EdgeId edge) const;
  [[nodiscard]] std::string edge_name(EdgeId edge) const;
  [[nodiscard]] std::optional<EdgeId> find_edge(VertexId from, VertexId to) const;
  [[nodiscard]] VertexId vertex_of(HostId host) const;

  /// Takes an edge out of service or puts it back; routes change with it.
  void set_edge_up(EdgeId edge, bool is_up);
  /// Replaces an edge's quality.
  void set_quality(EdgeId edge, LinkQuality quality);

  /// Counts changes; a route is good for as long as the version it was found under.
  [[nodiscard]] std::uint32_t version() const;

  /// The edges from one host to another, in order; nothing where no route exists. Empty for a host
  /// to itself.
  [[nodiscard]] std::optional<std::vector<EdgeId>> route(HostId from, HostId to) const;

 private:
  struct Graph;
  std::unique_ptr<Graph> graph_;
};

}  // namespace windtunnel::sim
