#include "sim/topology.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "runtime/check.hpp"

namespace windtunnel::sim {
namespace {

using namespace std::chrono_literals;

Topology three_zones() {
  Topology topology = Topology::of_zones({"z1", "z2", "z3", "z4"}, {"r1", "r1", "r1", "r2"},
                                         {.zone = {.latency = Constant{1ms}},
                                          .region = {.latency = Constant{3ms}},
                                          .wan = {.latency = Constant{50ms}}});
  for (std::size_t zone = 0; zone < 4; ++zone) {
    topology.add_host("h" + std::to_string(2 * zone), zone);
    topology.add_host("h" + std::to_string(2 * zone + 1), zone);
  }
  return topology;
}

std::optional<Duration> latency(const Topology& topology, std::uint32_t from, std::uint32_t to) {
  const auto route = topology.route(HostId{from}, HostId{to});
  if (!route) {
    return std::nullopt;
  }
  Duration sum{};
  for (const EdgeId edge : *route) {
    sum += mean_of(topology.quality(edge).latency);
  }
  return sum;
}

EdgeId edge_named(const Topology& topology, const std::string& name) {
  for (std::uint32_t i = 0; i < topology.edge_count(); ++i) {
    if (topology.edge_name(EdgeId{i}) == name) {
      return EdgeId{i};
    }
  }
  throw std::logic_error{"no edge " + name};
}

TEST(Topology, CrossesExactlyOneEdgeWithALatency) {
  const Topology topology = three_zones();
  EXPECT_EQ(latency(topology, 0, 0), Duration{});
  EXPECT_EQ(latency(topology, 0, 1), Duration{1ms});
  EXPECT_EQ(latency(topology, 0, 2), Duration{3ms});
  EXPECT_EQ(latency(topology, 0, 6), Duration{50ms});
}

TEST(Topology, DetoursOverAnotherZoneWhenADirectEdgeIsCut) {
  Topology topology = three_zones();
  topology.set_edge_up(edge_named(topology, "zone:z1/entry -> zone:z2/exit"), false);
  EXPECT_EQ(latency(topology, 0, 2), Duration{6ms});
  EXPECT_EQ(latency(topology, 2, 0), Duration{3ms});
  topology.set_edge_up(edge_named(topology, "zone:z1/entry -> zone:z3/exit"), false);
  EXPECT_EQ(latency(topology, 0, 2), Duration{100ms});  // To the other region and back.
}

TEST(Topology, HasNoRouteOverACutWanUntilItIsPutBack) {
  Topology topology = three_zones();
  const EdgeId wan = edge_named(topology, "region:r1/out -> region:r2/in");
  topology.set_edge_up(wan, false);
  EXPECT_EQ(latency(topology, 0, 6), std::nullopt);
  EXPECT_EQ(latency(topology, 6, 0), Duration{50ms});
  topology.set_edge_up(wan, true);
  EXPECT_EQ(latency(topology, 0, 6), Duration{50ms});
}

TEST(Topology, CountsAVersionForEveryChange) {
  Topology topology = three_zones();
  std::uint64_t last = topology.version();
  const auto grew = [&] { return std::exchange(last, topology.version()) < topology.version(); };
  topology.set_edge_up(EdgeId{0}, false);
  EXPECT_TRUE(grew());
  topology.set_quality(EdgeId{0}, {.latency = Constant{9ms}});
  EXPECT_TRUE(grew());
  topology.add_host("late", 0);
  EXPECT_TRUE(grew());
}

TEST(Topology, PrefersFewerEdgesAmongEquallyFastRoutes) {
  Topology topology;
  const VertexId a = topology.add_vertex("a");
  const VertexId b = topology.add_vertex("b");
  const VertexId c = topology.add_vertex("c");
  topology.add_edge(a, b, {.latency = Constant{1ms}});
  topology.add_edge(b, c, {.latency = Constant{1ms}});
  const EdgeId direct = topology.add_edge(a, c, {.latency = Constant{2ms}});
  const HostId from = topology.add_host_at("from", a);
  const HostId to = topology.add_host_at("to", c);
  EXPECT_EQ(topology.route(from, to), std::vector<EdgeId>{direct});
}

TEST(Topology, TakesTheFastestOfParallelEdgesThatAreUp) {
  Topology topology;
  const VertexId a = topology.add_vertex("a");
  const VertexId b = topology.add_vertex("b");
  const EdgeId slow = topology.add_edge(a, b, {.latency = Constant{9ms}});
  const EdgeId fast = topology.add_edge(a, b, {.latency = Constant{1ms}});
  const HostId from = topology.add_host_at("from", a);
  const HostId to = topology.add_host_at("to", b);
  EXPECT_EQ(topology.route(from, to), std::vector<EdgeId>{fast});
  topology.set_edge_up(fast, false);
  EXPECT_EQ(topology.route(from, to), std::vector<EdgeId>{slow});
}

TEST(Topology, FindsHostsByNameAndKeepsNamesUnique) {
  Topology topology = three_zones();
  EXPECT_EQ(topology.find_host("h3"), HostId{3});
  EXPECT_EQ(topology.find_host("h9"), std::nullopt);
  EXPECT_EQ(topology.host_name(HostId{3}), "h3");
  EXPECT_THROW((void)topology.add_host("h3", 0), ProgrammingError);
}

/// A random directed graph, and its distances by Floyd and Warshall's algorithm.
class RandomGraph {
 public:
  static constexpr std::size_t kVertices = 12;

  explicit RandomGraph(std::uint64_t seed) : random_{seed, "graph"} {
    for (std::size_t i = 0; i < kVertices; ++i) {
      const VertexId vertex = topology_.add_vertex("v" + std::to_string(i));
      topology_.add_host_at("v" + std::to_string(i) + "h", vertex);
    }
    for (int i = 0; i < 30; ++i) {
      const VertexId from = any_vertex();
      const VertexId to = any_vertex();
      topology_.add_edge(from, to, {.latency = Constant{any_latency()}});
      edges_.push_back({from.value(), to.value(), true});
    }
  }

  void change() {
    const auto edge = static_cast<std::uint32_t>(random_.below(edges_.size()));
    if (random_.below(2) == 0) {
      edges_[edge].is_up = !edges_[edge].is_up;
      topology_.set_edge_up(EdgeId{edge}, edges_[edge].is_up);
    } else {
      topology_.set_quality(EdgeId{edge}, {.latency = Constant{any_latency()}});
    }
  }

  void check_all_pairs() const {
    const auto distance = distances();
    for (std::uint32_t i = 0; i < kVertices; ++i) {
      for (std::uint32_t j = 0; j < kVertices; ++j) {
        const auto found = latency(topology_, i, j);
        ASSERT_EQ(found.has_value(), distance[i][j] < kFar);
        if (found) {
          ASSERT_EQ(found->count(), distance[i][j]);
          check_connected(i, j);
        }
      }
    }
  }

 private:
  struct Wire {
    std::uint32_t from;
    std::uint32_t to;
    bool is_up;
  };
  static constexpr std::int64_t kFar = std::int64_t{1} << 50;
  using Matrix = std::array<std::array<std::int64_t, kVertices>, kVertices>;

  VertexId any_vertex() { return VertexId{static_cast<std::uint32_t>(random_.below(kVertices))}; }
  // Coarse enough that the one nanosecond per edge of the tie-break cannot change a winner.
  Duration any_latency() { return Duration{static_cast<std::int64_t>(random_.below(50)) * 1000}; }

  Matrix distances() const {
    Matrix distance;
    for (std::size_t i = 0; i < kVertices; ++i) {
      distance[i].fill(kFar);
      distance[i][i] = 0;
    }
    for (std::uint32_t e = 0; e < edges_.size(); ++e) {
      if (edges_[e].is_up) {
        std::int64_t& cell = distance[edges_[e].from][edges_[e].to];
        cell = std::min(cell, mean_of(topology_.quality(EdgeId{e}).latency).count());
      }
    }
    for (std::size_t k = 0; k < kVertices; ++k) {
      for (auto& row : distance) {
        for (std::size_t j = 0; j < kVertices; ++j) {
          row[j] = std::min(row[j], row[k] + distance[k][j]);
        }
      }
    }
    return distance;
  }

  void check_connected(std::uint32_t from, std::uint32_t to) const {
    std::uint32_t at = from;
    const auto route = topology_.route(HostId{from}, HostId{to});
    for (const EdgeId edge : *route) {
      ASSERT_EQ(edges_[edge.value()].from, at);
      ASSERT_TRUE(edges_[edge.value()].is_up);
      at = edges_[edge.value()].to;
    }
    ASSERT_EQ(at, to);
  }

  RandomStream random_;
  Topology topology_;
  std::vector<Wire> edges_;
};

TEST(Topology, RoutesAsFastAsFloydAndWarshallOverChangingGraphs) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    RandomGraph graph{seed};
    for (int i = 0; i < 15; ++i) {
      graph.check_all_pairs();
      graph.change();
    }
  }
}

}  // namespace
}  // namespace windtunnel::sim
