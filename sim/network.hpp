// The simulated network: carries envelopes between hosts along the topology's routes, with latency,
// bandwidth, loss and the conditions that faults impose. Streams keep order and turn loss into
// retransmission; datagrams suffer it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/messenger.hpp"
#include "sim/condition.hpp"
#include "sim/connection_loss.hpp"
#include "sim/peer_table.hpp"
#include "sim/scheduler.hpp"
#include "sim/topology.hpp"

namespace windtunnel::sim {

class World;
class SimulatedHost;

struct NetworkOptions {
  /// First retransmission timeout of a stream; each further one doubles (RFC 6298 with Linux's
  /// minimum).
  Duration retransmit_after = std::chrono::milliseconds{200};
  /// A stream whose segment was retransmitted this often in vain resets when the next timeout
  /// passes: 25.4 s after the first loss with the default timeout. Linux's default is 15; services
  /// that are meant to fail over set TCP_USER_TIMEOUT to about this.
  std::uint32_t retransmissions_max = 6;
  DurationDistribution loopback = Constant{std::chrono::microseconds{10}};
  /// Encodes and decodes every message, so that codecs run.
  bool encode_messages = false;
};

struct NetworkCounters {
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t retransmitted = 0;
  std::uint64_t connections_reset = 0;
  std::uint64_t bytes = 0;
};

class Network {
 public:
  Network(World& world, Topology topology, NetworkOptions options);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  ~Network();

  [[nodiscard]] Topology& topology() { return topology_; }
  [[nodiscard]] const NetworkCounters& counters() const { return counters_; }

  /// Takes charge of an envelope. No allocation in steady state where its payload needs none.
  void transmit(HostId from, HostId to, Envelope&& envelope);

  /// See Host::expect_transmission().
  void expect_transmission(HostId from, HostId to) const;

  /// Forgets the connection from one host to another and what is queued on it; the next message
  /// opens a new one.
  void abandon_connection(HostId from, HostId to);

  [[nodiscard]] ConditionId impose(Condition condition);
  void lift(ConditionId condition);
  [[nodiscard]] const ConditionImpact& impact(ConditionId condition) const;

  /// What a message to the host is going to touch: `lines` cache lines in a row, and two more,
  /// which may be null. Asked for when one is sent.
  void note_working_lines(HostId host, const void* begin, std::size_t lines,
                          std::array<const void*, 2> others);

  /// The process on `host` died while its kernel lives on: peers see their connections reset.
  void reset_connections_of(HostId host);
  /// The machine went silent: what it had queued is gone, and its peers learn nothing.
  void drop_connections_of(HostId host);

 private:
  struct Path;
  struct Journey;
  struct Trouble;
  struct CostlyEdge;
  struct InFlight;
  struct ActiveCondition;
  enum class Fate : std::uint8_t { carried, rejected, lost };  // From mild to grave.
  struct Attempt {
    Fate fate = Fate::carried;
    TrueInstant arrives_at;
  };

  /// As it was when it was last used: bring_up_to_date() before anything but what is kept on it.
  [[nodiscard]] Path& path_between(HostId from, HostId to);
  [[nodiscard]] Path& find_or_add_path(HostId from, HostId to);
  void bring_up_to_date(Path& path);
  void refresh(Path& path);
  [[nodiscard]] const Journey& journey_between(HostId from, HostId to);
  [[nodiscard]] CostlyEdge& costly_edge(EdgeId edge);
  [[nodiscard]] Fate judge(Path& path);
  [[nodiscard]] Attempt attempt(Path& path, const InFlight& message);
  [[nodiscard]] TrueInstant cross_edges(Path& path, std::uint32_t bytes);
  [[nodiscard]] TrueInstant delayed_by_conditions(const Path& path, TrueInstant at);
  void touch(ActiveCondition& condition);

  void send_datagram(InFlight& message);
  void schedule_arrival(InFlight& message, TrueInstant at);
  void arrive(InFlight& message);
  void lose(InFlight& message);

  void send_on_stream(InFlight& message);
  void carry_on_stream(InFlight& message, const Attempt& sent);
  void miss(InFlight& message);
  void start_retransmitting(Path& path, InFlight& head);
  void schedule_retry(Path& path);
  void retransmit(Path& path);
  void clear_backlog(Path& path);
  void forget_connection(Path& path);
  void announce_reset(Path& path, TrueInstant at, ConnectionLoss loss);
  void reset_connection(Path& path, ConnectionLoss loss);
  void answer_with_reset(Path& path);

  /// What is known of a host without touching it.
  struct Reach {
    // The path that it heard by last, and who is at its other end: most of what it sends is an
    // answer.
    Path* heard_by = nullptr;
    HostId heard_from;
    const std::byte* lines = nullptr;  ///< Of its working set.
    std::size_t line_count = 0;
    std::array<const void*, 2> other_lines{};
  };

  static void prefetch(const Reach& reach);
  [[nodiscard]] InFlight& acquire();
  void release(InFlight& message);

  World& world_;
  Topology topology_;
  NetworkOptions options_;
  NetworkCounters counters_;
  std::deque<Path> paths_;
  // Those from and to each host, in order of first use: iteration is deterministic.
  std::vector<std::vector<Path*>> paths_of_host_;
  std::vector<PeerTable<Path>> paths_to_;  // By host.
  std::vector<Reach> reach_;               // By host.
  // Few: hosts of one zone differ in edges that cost nothing. By what makes them differ.
  using JourneyKey = std::tuple<bool, Duration, std::vector<EdgeId>, Probability, Probability,
                                Probability, Duration>;
  std::map<JourneyKey, std::unique_ptr<Journey>> journeys_;
  std::vector<std::unique_ptr<CostlyEdge>> edges_;  // By EdgeId; made when first crossed.
  std::deque<InFlight> in_flight_;
  std::vector<InFlight*> free_;
  std::vector<std::unique_ptr<ActiveCondition>> conditions_;
  std::uint32_t conditions_version_ = 1;
  ByteBuffer scratch_;
};

}  // namespace windtunnel::sim
