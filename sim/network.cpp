#include "sim/network.hpp"

#include <algorithm>

#include <xxhash.h>

#include "sim/world.hpp"

namespace windtunnel::sim {

/// One message between acceptance and arrival.
struct Network::InFlight {
  Envelope envelope;
  Path* path = nullptr;
  std::uint32_t bytes = 0;
  std::uint32_t to_incarnation = 0;
  std::uint64_t content = 0;
};

struct Network::ActiveCondition {
  Condition condition;
  RandomStream random;
  ConditionImpact impact;
  bool is_active = true;
};

/// One direction between two hosts: its route, the conditions on it, and its one stream connection.
struct Network::Path {
  Path(HostId source, HostId target, RandomStream stream)
      : from(source), to(target), random(stream) {}

  HostId from;
  HostId to;
  RandomStream random;

  std::uint64_t topology_version = 0;
  std::uint64_t conditions_version = 0;
  bool has_route = false;
  Duration fixed_latency{};
  // Edges that need work for each message: a varying latency, a bandwidth.
  std::vector<EdgeId> costly_edges;
  Probability loss;
  Probability duplication;
  Probability reordering;
  Duration reordering_delay{};
  std::vector<ActiveCondition*> conditions;

  bool is_connected = false;
  std::uint32_t peer_incarnation = 0;
  TrueInstant last_arrival{};
  std::deque<InFlight*> backlog;
  Duration retransmit_after{};
  std::uint32_t retransmissions = 0;
  EventId retry;
};

namespace {

// Frame header and checksum of the wire format, so that an empty message has a size too.
constexpr std::uint32_t kFrameBytes = 20;
constexpr std::int64_t kBillion = 1'000'000'000;

std::uint64_t pair_key(HostId from, HostId to) {
  return (std::uint64_t{from.value()} << 32) | to.value();
}

Duration transmission_time(std::uint32_t bytes, std::uint64_t bits_per_second) {
  const std::uint64_t bits = std::uint64_t{bytes} * 8;
  return Duration{
      static_cast<std::int64_t>((bits * kBillion + bits_per_second - 1) / bits_per_second)};
}

}  // namespace

Network::Network(World& world, Topology topology, NetworkOptions options)
    : world_(world), topology_(std::move(topology)), options_(options) {}

Network::~Network() = default;

Network::InFlight& Network::acquire() {
  if (free_.empty()) {
    return in_flight_.emplace_back();
  }
  InFlight& message = *free_.back();
  free_.pop_back();
  return message;
}

void Network::release(InFlight& message) {
  message.envelope.payload.reset();
  free_.push_back(&message);
}

Network::Path& Network::path_between(HostId from, HostId to) {
  auto [entry, added] = path_index_.try_emplace(pair_key(from, to), nullptr);
  if (added) {
    const std::string purpose =
        "network:" + topology_.host_name(from) + ">" + topology_.host_name(to);
    entry->second = &paths_.emplace_back(from, to, world_.random(purpose));
  }
  Path& path = *entry->second;
  if (path.topology_version != topology_.version() ||
      path.conditions_version != conditions_version_) {
    refresh(path);
  }
  return path;
}

void Network::refresh(Path& path) {
  if (path.topology_version != topology_.version()) {
    path.topology_version = topology_.version();
    const auto route = topology_.route(path.from, path.to);
    path.has_route = route.has_value();
    path.fixed_latency = path.from == path.to ? options_.loopback_latency : Duration{};
    path.costly_edges.clear();
    path.loss = path.duplication = path.reordering = {};
    path.reordering_delay = {};
    for (const EdgeId edge : route.value_or(std::vector<EdgeId>{})) {
      const LinkQuality& quality = topology_.quality(edge);
      const auto* fixed = std::get_if<Constant>(&quality.latency);
      if (fixed != nullptr && quality.bits_per_second == 0) {
        path.fixed_latency += fixed->value;
      } else {
        path.costly_edges.push_back(edge);
      }
      path.loss = path.loss.either(quality.loss);
      path.duplication = path.duplication.either(quality.duplication);
      path.reordering = path.reordering.either(quality.reordering);
      path.reordering_delay = std::max(path.reordering_delay, quality.reordering_delay);
    }
    edge_busy_until_.resize(topology_.edge_count());
  }
  path.conditions_version = conditions_version_;
  path.conditions.clear();
  for (const auto& active : conditions_) {
    if (active->is_active && active->condition.from.contains(path.from) &&
        active->condition.to.contains(path.to)) {
      path.conditions.push_back(active.get());
    }
  }
}

void Network::touch(ActiveCondition& condition) {
  ++condition.impact.touched;
  if (!condition.impact.first_touched_at) {
    condition.impact.first_touched_at = world_.now();
  }
}

TrueInstant Network::cross_edges(Path& path, std::uint32_t bytes) {
  TrueInstant at = world_.now() + path.fixed_latency;
  for (const EdgeId edge : path.costly_edges) {
    const LinkQuality& quality = topology_.quality(edge);
    if (quality.bits_per_second != 0) {
      TrueInstant& busy_until = edge_busy_until_[edge.value()];
      busy_until = std::max(busy_until, at) + transmission_time(bytes, quality.bits_per_second);
      at = busy_until;
    }
    at += sample(quality.latency, path.random);
  }
  return at;
}

TrueInstant Network::delayed_by_conditions(const Path& path, TrueInstant at) {
  for (ActiveCondition* active : path.conditions) {
    if (const auto* delay = std::get_if<AddedDelay>(&active->condition.effect)) {
      at += sample(delay->by, active->random);
      touch(*active);
    }
  }
  return at;
}

Network::Attempt Network::attempt(Path& path, const InFlight& message) {
  if (path.topology_version != topology_.version() ||
      path.conditions_version != conditions_version_) {
    refresh(path);
  }
  Fate fate = path.has_route && world_.host(path.to).has_power() ? Fate::carried : Fate::lost;
  for (ActiveCondition* active : path.conditions) {
    if (const auto* block = std::get_if<Block>(&active->condition.effect)) {
      touch(*active);
      fate = block->manner == Block::Manner::reject ? Fate::rejected : Fate::lost;
    } else if (const auto* loss = std::get_if<AddedLoss>(&active->condition.effect)) {
      if (active->random.chance(loss->probability)) {
        touch(*active);
        fate = Fate::lost;
      }
    }
  }
  if (path.loss.parts() != 0 && path.random.chance(path.loss) && fate == Fate::carried) {
    fate = Fate::lost;
  }
  if (fate != Fate::carried) {
    return {fate, {}};
  }
  return {fate, delayed_by_conditions(path, cross_edges(path, message.bytes))};
}

void Network::transmit(HostId from, HostId to, Envelope envelope) {
  Path& path = path_between(from, to);
  InFlight& message = acquire();
  message.envelope = std::move(envelope);
  message.path = &path;
  scratch_.clear();
  if (!message.envelope.payload.empty()) {
    ByteWriter out{scratch_};
    message.envelope.payload.encode(out);
  }
  message.bytes = kFrameBytes + static_cast<std::uint32_t>(scratch_.size());
  const std::uint64_t header =
      (message.envelope.call << 3) | static_cast<std::uint64_t>(message.envelope.kind);
  message.content = XXH3_64bits_withSeed(scratch_.data(), scratch_.size(), header);
  ++counters_.sent;
  counters_.bytes += message.bytes;
  if (message.envelope.delivery == Delivery::datagram) {
    send_datagram(message);
  } else if (!path.backlog.empty()) {
    path.backlog.push_back(&message);
  } else {
    send_on_stream(message);
  }
}

void Network::send_datagram(InFlight& message) {
  Path& path = *message.path;
  const Attempt sent = attempt(path, message);
  if (sent.fate != Fate::carried) {
    lose(message);
    return;
  }
  TrueInstant at = sent.arrives_at;
  if (path.reordering.parts() != 0 && path.random.chance(path.reordering)) {
    at += path.reordering_delay;
  }
  if (path.duplication.parts() != 0 && path.random.chance(path.duplication)) {
    InFlight& copy = acquire();
    copy.envelope = Envelope{message.envelope.kind, message.envelope.delivery,
                             message.envelope.call, message.envelope.payload.clone()};
    copy.path = message.path;
    copy.bytes = message.bytes;
    copy.content = message.content;
    ++counters_.duplicated;
    schedule_arrival(copy, delayed_by_conditions(path, cross_edges(path, copy.bytes)));
  }
  schedule_arrival(message, at);
}

void Network::send_on_stream(InFlight& message) {
  Path& path = *message.path;
  const Attempt sent = attempt(path, message);
  if (sent.fate == Fate::lost) {
    start_retransmitting(path, message);
    return;
  }
  const SimulatedHost& peer = world_.host(path.to);
  const bool refused = sent.fate == Fate::rejected || !peer.is_running() ||
                       (path.is_connected && path.peer_incarnation != peer.incarnation());
  if (refused) {
    const TrueInstant answered_at = sent.fate == Fate::rejected
                                        ? world_.now() + 2 * path.fixed_latency
                                        : sent.arrives_at + (sent.arrives_at - world_.now());
    path.is_connected = false;
    announce_reset(path, answered_at);
    lose(message);
    return;
  }
  path.is_connected = true;
  path.peer_incarnation = peer.incarnation();
  path.last_arrival = std::max(path.last_arrival, sent.arrives_at);
  schedule_arrival(message, path.last_arrival);
}

void Network::schedule_arrival(InFlight& message, TrueInstant at) {
  message.to_incarnation = world_.host(message.path->to).incarnation();
  world_.scheduler().schedule(
      at, [this, &message] { arrive(message); }, message.path->to.value());
}

void Network::arrive(InFlight& message) {
  Path& path = *message.path;
  SimulatedHost& to = world_.host(path.to);
  if (!to.is_running() || to.incarnation() != message.to_incarnation) {
    lose(message);
    return;
  }
  ++counters_.delivered;
  world_.trace(path.to, EventKind::message_delivered, path.from.value(),
               message.envelope.payload.empty() ? 0 : message.envelope.payload.type().id,
               message.content);
  if (options_.encode_messages && !message.envelope.payload.empty()) {
    scratch_.clear();
    ByteWriter out{scratch_};
    message.envelope.payload.encode(out);
    ByteReader in{scratch_};
    const bool ok = message.envelope.payload.type().decode(in, message.envelope.payload);
    check(ok && in.remaining() == 0, "what the codec wrote it reads back");
  }
  Envelope envelope = std::move(message.envelope);
  release(message);
  to.receive(path.from, std::move(envelope));
}

void Network::lose(InFlight& message) {
  ++counters_.lost;
  const Payload& payload = message.envelope.payload;
  world_.trace(message.path->to, EventKind::message_lost, message.path->from.value(),
               payload.empty() ? 0 : payload.type().id, message.content);
  release(message);
}

void Network::start_retransmitting(Path& path, InFlight& head) {
  path.backlog.push_front(&head);
  path.retransmit_after = options_.retransmit_after;
  path.retransmissions = 0;
  path.retry = world_.scheduler().schedule(
      world_.now() + path.retransmit_after, [this, &path] { retransmit(path); }, path.from.value());
}

void Network::retransmit(Path& path) {
  ++counters_.retransmitted;
  InFlight& head = *path.backlog.front();
  const Attempt sent = attempt(path, head);
  if (sent.fate == Fate::lost) {
    if (++path.retransmissions >= options_.retransmissions_max) {
      reset_connection(path);
      return;
    }
    path.retransmit_after *= 2;
    path.retry = world_.scheduler().schedule(
        world_.now() + path.retransmit_after, [this, &path] { retransmit(path); },
        path.from.value());
    return;
  }
  // What waited behind the lost segment goes out with it; any of it may be lost again and becomes
  // the new head.
  std::deque<InFlight*> waiting;
  waiting.swap(path.backlog);
  for (InFlight* message : waiting) {
    if (path.backlog.empty()) {
      send_on_stream(*message);
    } else {
      path.backlog.push_back(message);
    }
  }
}

void Network::clear_backlog(Path& path) {
  if (!path.backlog.empty()) {
    world_.scheduler().cancel(path.retry);
    std::deque<InFlight*> waiting;
    waiting.swap(path.backlog);
    for (InFlight* message : waiting) {
      lose(*message);
    }
  }
  path.is_connected = false;
}

void Network::reset_connection(Path& path) {
  clear_backlog(path);
  announce_reset(path, world_.now());
}

void Network::announce_reset(Path& path, TrueInstant at) {
  ++counters_.connections_reset;
  SimulatedHost& host = world_.host(path.from);
  const std::uint32_t incarnation = host.incarnation();
  world_.scheduler().schedule(
      at,
      [this, &host, incarnation, peer = path.to] {
        if (host.is_running() && host.incarnation() == incarnation) {
          world_.trace(host.id(), EventKind::message_reset, peer.value(), 0, 0);
          host.lose_connection(peer);
        }
      },
      path.from.value());
}

void Network::abandon_connection(HostId from, HostId to) {
  clear_backlog(path_between(from, to));
}

void Network::reset_connections_of(HostId host) {
  // By index: announcing may not add paths, but a deque's iterators are not worth that bet.
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    Path& path = paths_[i];
    if (path.to == host && path.from != host && (path.is_connected || !path.backlog.empty())) {
      clear_backlog(path);
      Path& back = path_between(host, path.from);
      const bool blocked =
          std::any_of(back.conditions.begin(), back.conditions.end(), [](const auto* active) {
            return std::holds_alternative<Block>(active->condition.effect);
          });
      if (back.has_route && !blocked) {
        announce_reset(path, delayed_by_conditions(back, cross_edges(back, kFrameBytes)));
      }
    } else if (path.from == host) {
      clear_backlog(path);
    }
  }
}

void Network::drop_connections_of(HostId host) {
  for (Path& path : paths_) {
    if (path.from == host) {
      clear_backlog(path);
    }
  }
}

ConditionId Network::impose(Condition condition) {
  const ConditionId id{static_cast<std::uint32_t>(conditions_.size())};
  RandomStream random = world_.random("condition:" + condition.purpose);
  conditions_.push_back(
      std::make_unique<ActiveCondition>(ActiveCondition{std::move(condition), random, {}, true}));
  ++conditions_version_;
  world_.trace(HostId{}, EventKind::condition_imposed, id.value(), 0, 0);
  return id;
}

void Network::lift(ConditionId condition) {
  conditions_[condition.value()]->is_active = false;
  ++conditions_version_;
  world_.trace(HostId{}, EventKind::condition_lifted, condition.value(), 0, 0);
}

const ConditionImpact& Network::impact(ConditionId condition) const {
  return conditions_[condition.value()]->impact;
}

}  // namespace windtunnel::sim
