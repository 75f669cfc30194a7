#include "sim/topology.hpp"

#include <algorithm>
#include <map>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/filtered_graph.hpp>
#include <boost/property_map/function_property_map.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include "runtime/check.hpp"

namespace windtunnel::sim {

namespace {

struct VertexProperties {
  std::string name;
};

struct EdgeProperties {
  std::uint32_t id = 0;
};

using Adjacency = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS,
                                        VertexProperties, EdgeProperties>;
using Vertex = boost::graph_traits<Adjacency>::vertex_descriptor;
using Edge = boost::graph_traits<Adjacency>::edge_descriptor;

constexpr std::int64_t kUnreachable = INT64_MAX;

struct EdgeState {
  Edge edge;
  LinkQuality quality;
  std::int64_t weight = 0;
  bool is_up = true;
};

/// Shortest paths from one vertex: the edge by which each vertex is reached.
struct Tree {
  std::uint32_t version = 0;
  std::vector<std::int64_t> distance;
  std::vector<Edge> arrival;
};

struct IsUp {
  const Adjacency* graph = nullptr;
  const std::vector<EdgeState>* edges = nullptr;
  bool operator()(const Edge& edge) const { return (*edges)[(*graph)[edge].id].is_up; }
};

}  // namespace

struct Topology::Graph {
  Adjacency adjacency;
  std::vector<EdgeState> edges;
  std::vector<Vertex> host_vertices;
  std::map<std::string, HostId, std::less<>> hosts_by_name;
  // Zone switches: where a zone's hosts enter the network and where they are reached.
  std::vector<Vertex> zone_entries;
  std::vector<Vertex> zone_exits;
  std::uint32_t version = 1;
  mutable boost::unordered_flat_map<Vertex, Tree> trees;

  Vertex add_vertex(std::string_view name) {
    ++version;
    return boost::add_vertex(VertexProperties{std::string{name}}, adjacency);
  }

  EdgeId add_edge(Vertex from, Vertex to, LinkQuality quality) {
    const auto id = static_cast<std::uint32_t>(edges.size());
    const auto [edge, added] = boost::add_edge(from, to, EdgeProperties{id}, adjacency);
    check(added, "the graph takes every edge");
    const std::int64_t weight = mean_of(quality.latency).count();
    edges.push_back({edge, std::move(quality), weight, true});
    ++version;
    return EdgeId{id};
  }

  const Tree& tree_from(Vertex source) const {
    Tree& tree = trees[source];
    if (tree.version != version) {
      grow(tree, source);
    }
    return tree;
  }

  void grow(Tree& tree, Vertex source) const {
    const std::size_t count = boost::num_vertices(adjacency);
    tree.version = version;
    tree.distance.assign(count, kUnreachable);
    tree.arrival.resize(count);
    const boost::filtered_graph<Adjacency, IsUp> up{adjacency, IsUp{&adjacency, &edges}};
    // One nanosecond per edge on top, so that of equally fast routes the one with fewer edges is
    // taken.
    auto weights = boost::make_function_property_map<Edge>(
        [this](const Edge& edge) { return edges[adjacency[edge].id].weight + 1; });
    boost::dijkstra_shortest_paths(
        up, source,
        boost::weight_map(weights)
            .distance_map(boost::make_iterator_property_map(
                tree.distance.begin(), boost::get(boost::vertex_index, adjacency)))
            .visitor(boost::make_dijkstra_visitor(boost::record_edge_predecessors(
                boost::make_iterator_property_map(tree.arrival.begin(),
                                                  boost::get(boost::vertex_index, adjacency)),
                boost::on_edge_relaxed{}))));
  }
};

Topology::Topology() : graph_(std::make_unique<Graph>()) {}
Topology::Topology(Topology&&) noexcept = default;
Topology& Topology::operator=(Topology&&) noexcept = default;
Topology::~Topology() = default;

Topology Topology::of_zones(const std::vector<std::string>& zones,
                            const std::vector<std::string>& zone_regions,
                            const TopologyQuality& quality) {
  check(zones.size() == zone_regions.size(), "every zone has a region");
  Topology topology;
  Graph& graph = *topology.graph_;
  struct Region {
    Vertex out, in;
  };
  std::map<std::string, Region> regions;
  for (std::size_t i = 0; i < zones.size(); ++i) {
    graph.zone_entries.push_back(graph.add_vertex("zone:" + zones[i] + "/entry"));
    graph.zone_exits.push_back(graph.add_vertex("zone:" + zones[i] + "/exit"));
    if (!regions.contains(zone_regions[i])) {
      const Vertex out = graph.add_vertex("region:" + zone_regions[i] + "/out");
      const Vertex in = graph.add_vertex("region:" + zone_regions[i] + "/in");
      regions.emplace(zone_regions[i], Region{out, in});
    }
  }
  for (std::size_t i = 0; i < zones.size(); ++i) {
    const Region& region = regions.at(zone_regions[i]);
    graph.add_edge(graph.zone_entries[i], graph.zone_exits[i], quality.zone);
    graph.add_edge(graph.zone_entries[i], region.out, LinkQuality{});
    graph.add_edge(region.in, graph.zone_exits[i], LinkQuality{});
    // What left for this zone may go on from it: the detour when a direct edge is cut.
    graph.add_edge(graph.zone_exits[i], graph.zone_entries[i], LinkQuality{});
    for (std::size_t j = 0; j < zones.size(); ++j) {
      if (i != j && zone_regions[i] == zone_regions[j]) {
        graph.add_edge(graph.zone_entries[i], graph.zone_exits[j], quality.region);
      }
    }
  }
  for (const auto& [from_name, from] : regions) {
    for (const auto& [to_name, to] : regions) {
      if (from_name != to_name) {
        graph.add_edge(from.out, to.in, quality.wan);
      }
    }
  }
  return topology;
}

HostId Topology::add_host(std::string_view name, std::size_t zone) {
  check(zone < graph_->zone_entries.size(), "a host's zone exists");
  const Vertex vertex = graph_->add_vertex(name);
  graph_->add_edge(vertex, graph_->zone_entries[zone], LinkQuality{});
  graph_->add_edge(graph_->zone_exits[zone], vertex, LinkQuality{});
  return add_host_at(name, VertexId{static_cast<std::uint32_t>(vertex)});
}

VertexId Topology::add_vertex(std::string_view name) {
  return VertexId{static_cast<std::uint32_t>(graph_->add_vertex(name))};
}

EdgeId Topology::add_edge(VertexId from, VertexId to, LinkQuality quality) {
  return graph_->add_edge(from.value(), to.value(), std::move(quality));
}

HostId Topology::add_host_at(std::string_view name, VertexId vertex) {
  const HostId id{static_cast<std::uint32_t>(graph_->host_vertices.size())};
  const bool added = graph_->hosts_by_name.emplace(name, id).second;
  check(added, "host names are unique");
  graph_->host_vertices.push_back(vertex.value());
  return id;
}

std::size_t Topology::host_count() const {
  return graph_->host_vertices.size();
}

const std::string& Topology::host_name(HostId host) const {
  return graph_->adjacency[graph_->host_vertices[host.value()]].name;
}

std::optional<HostId> Topology::find_host(std::string_view name) const {
  const auto found = graph_->hosts_by_name.find(name);
  return found == graph_->hosts_by_name.end() ? std::nullopt : std::optional{found->second};
}

std::size_t Topology::edge_count() const {
  return graph_->edges.size();
}

const LinkQuality& Topology::quality(EdgeId edge) const {
  return graph_->edges[edge.value()].quality;
}

std::string Topology::edge_name(EdgeId edge) const {
  const Edge& e = graph_->edges[edge.value()].edge;
  return graph_->adjacency[boost::source(e, graph_->adjacency)].name + " -> " +
         graph_->adjacency[boost::target(e, graph_->adjacency)].name;
}

std::optional<EdgeId> Topology::find_edge(VertexId from, VertexId to) const {
  const auto [edge, exists] = boost::edge(from.value(), to.value(), graph_->adjacency);
  return exists ? std::optional{EdgeId{graph_->adjacency[edge].id}} : std::nullopt;
}

VertexId Topology::vertex_of(HostId host) const {
  return VertexId{static_cast<std::uint32_t>(graph_->host_vertices[host.value()])};
}

void Topology::set_edge_up(EdgeId edge, bool is_up) {
  graph_->edges[edge.value()].is_up = is_up;
  ++graph_->version;
}

void Topology::set_quality(EdgeId edge, LinkQuality quality) {
  EdgeState& state = graph_->edges[edge.value()];
  state.weight = mean_of(quality.latency).count();
  state.quality = std::move(quality);
  ++graph_->version;
}

std::uint32_t Topology::version() const {
  return graph_->version;
}

std::optional<std::vector<EdgeId>> Topology::route(HostId from, HostId to) const {
  const Graph& graph = *graph_;
  const Vertex start = graph.host_vertices[from.value()];
  const Vertex goal = graph.host_vertices[to.value()];
  std::vector<EdgeId> edges;
  if (start == goal) {
    return edges;
  }
  // Most hosts hang on one switch: they share the tree of that switch instead of growing one each.
  Vertex root = start;
  if (boost::out_degree(start, graph.adjacency) == 1) {
    const Edge only = *boost::out_edges(start, graph.adjacency).first;
    const std::uint32_t id = graph.adjacency[only].id;
    if (!graph.edges[id].is_up) {
      return std::nullopt;
    }
    root = boost::target(only, graph.adjacency);
  }
  const Tree& tree = graph.tree_from(root);
  if (tree.distance[goal] == kUnreachable) {
    return std::nullopt;
  }
  for (Vertex at = goal; at != root;) {
    const Edge& arrival = tree.arrival[at];
    edges.emplace_back(graph.adjacency[arrival].id);
    at = boost::source(arrival, graph.adjacency);
  }
  if (root != start) {
    edges.emplace_back(graph.adjacency[*boost::out_edges(start, graph.adjacency).first].id);
  }
  std::reverse(edges.begin(), edges.end());
  return edges;
}

}  // namespace windtunnel::sim
