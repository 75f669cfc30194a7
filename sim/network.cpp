#include "sim/network.hpp"

#include <algorithm>

#include <xxhash.h>

#include "sim/cache_line.hpp"
#include "sim/network_path.hpp"

namespace windtunnel::sim {

namespace {

constexpr std::int64_t kBillion = 1'000'000'000;

Duration transmission_time(std::uint32_t bytes, std::uint64_t bits_per_second) {
  const std::uint64_t bits = std::uint64_t{bytes} * 8;
  return Duration{
      static_cast<std::int64_t>((bits * kBillion + bits_per_second - 1) / bits_per_second)};
}

}  // namespace

Network::Network(World& world, Topology topology, NetworkOptions options)
    : world_(world),
      topology_(std::move(topology)),
      options_(options),
      paths_of_host_(topology_.host_count()),
      paths_to_(topology_.host_count()),
      reach_(topology_.host_count()) {}

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

Network::Path& Network::find_or_add_path(HostId from, HostId to) {
  PeerTable<Path>& known = paths_to_[from.value()];
  if (Path* const path = known.find(to)) {
    return *path;
  }
  const std::string purpose =
      "network:" + topology_.host_name(from) + ">" + topology_.host_name(to);
  Path& path = paths_.emplace_back(from, world_.host(to), world_.random(purpose));
  known.add(to, &path);
  paths_of_host_[from.value()].push_back(&path);
  if (from != to) {
    paths_of_host_[to.value()].push_back(&path);
  }
  return path;
}

Network::Path& Network::path_between(HostId from, HostId to) {
  const Reach& reach = reach_[from.value()];
  if (reach.heard_by == nullptr || reach.heard_from != to) {
    return find_or_add_path(from, to);
  }
  if (reach.heard_by->back == nullptr) {
    reach.heard_by->back = &find_or_add_path(from, to);
  }
  return *reach.heard_by->back;
}

void Network::bring_up_to_date(Path& path) {
  if (path.topology_version != topology_.version() ||
      path.conditions_version != conditions_version_) {
    refresh(path);
  }
}

Network::CostlyEdge& Network::costly_edge(EdgeId edge) {
  edges_.resize(topology_.edge_count());
  std::unique_ptr<CostlyEdge>& known = edges_[edge.value()];
  if (!known || known->topology_version != topology_.version()) {
    const LinkQuality& quality = topology_.quality(edge);
    // The queue of an edge outlives a change of its quality.
    const TrueInstant busy_until = known ? known->busy_until : TrueInstant{};
    CostlyEdge as_it_is{quality.bits_per_second, DurationSampler{quality.latency}, busy_until,
                        topology_.version()};
    if (known) {
      *known = std::move(as_it_is);
    } else {
      known = std::make_unique<CostlyEdge>(std::move(as_it_is));
    }
  }
  return *known;
}

const Network::Journey& Network::journey_between(HostId from, HostId to) {
  const auto route = topology_.route(from, to);
  Journey journey;
  journey.is_possible = route.has_value();
  std::vector<EdgeId> costly;
  for (const EdgeId edge : route.value_or(std::vector<EdgeId>{})) {
    const LinkQuality& quality = topology_.quality(edge);
    const auto* fixed = std::get_if<Constant>(&quality.latency);
    if (fixed != nullptr && quality.bits_per_second == 0) {
      journey.fixed_latency += fixed->value;
    } else {
      costly.push_back(edge);
      journey.costly_edges.push_back(&costly_edge(edge));
    }
    journey.loss = journey.loss.either(quality.loss);
    journey.duplication = journey.duplication.either(quality.duplication);
    journey.reordering = journey.reordering.either(quality.reordering);
    journey.reordering_delay = std::max(journey.reordering_delay, quality.reordering_delay);
  }
  auto& known =
      journeys_[{journey.is_possible, journey.fixed_latency, std::move(costly), journey.loss,
                 journey.duplication, journey.reordering, journey.reordering_delay}];
  if (!known) {
    known = std::make_unique<Journey>(std::move(journey));
  }
  return *known;
}

void Network::refresh(Path& path) {
  if (path.topology_version != topology_.version()) {
    path.topology_version = topology_.version();
    path.journey = &journey_between(path.from, path.to);
  }
  path.conditions_version = conditions_version_;
  if (path.trouble) {
    path.trouble->conditions.clear();
  }
  for (const auto& active : conditions_) {
    // A host reaches itself without a network, whatever befalls the network.
    if (active->is_active && path.from != path.to &&
        active->condition.applies(path.from, path.to)) {
      path.in_trouble().conditions.push_back(active.get());
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
  TrueInstant at = world_.now() + path.journey->fixed_latency;
  if (path.from == path.to) {
    at += sample(options_.loopback, path.random);
  }
  for (CostlyEdge* const edge : path.journey->costly_edges) {
    if (edge->bits_per_second != 0) {
      edge->busy_until =
          std::max(edge->busy_until, at) + transmission_time(bytes, edge->bits_per_second);
      at = edge->busy_until;
    }
    at += edge->latency(path.random);
  }
  return at;
}

TrueInstant Network::delayed_by_conditions(const Path& path, TrueInstant at) {
  for (ActiveCondition* active : path.conditions()) {
    if (const auto* delay = std::get_if<AddedDelay>(&active->condition.effect)) {
      at += sample(delay->by, active->random);
      touch(*active);
    }
  }
  return at;
}

Network::Fate Network::judge(Path& path) {
  // Every condition is asked, and the gravest answer counts, whatever the order they came in.
  Fate fate = path.journey->is_possible && path.peer.has_power() ? Fate::carried : Fate::lost;
  for (ActiveCondition* active : path.conditions()) {
    if (const auto* block = std::get_if<Block>(&active->condition.effect)) {
      touch(*active);
      fate = std::max(fate, block->manner == Block::Manner::drop ? Fate::lost : Fate::rejected);
    } else if (const auto* loss = std::get_if<AddedLoss>(&active->condition.effect)) {
      if (active->random.chance(loss->probability)) {
        touch(*active);
        fate = std::max(fate, Fate::lost);
      }
    }
  }
  if (path.journey->loss.parts() != 0 && path.random.chance(path.journey->loss)) {
    fate = std::max(fate, Fate::lost);
  }
  return fate;
}

Network::Attempt Network::attempt(Path& path, const InFlight& message) {
  bring_up_to_date(path);
  const Fate fate = judge(path);
  if (fate != Fate::carried) {
    return {fate, {}};
  }
  return {fate, delayed_by_conditions(path, cross_edges(path, message.bytes))};
}

void Network::note_working_lines(HostId host, const void* begin, std::size_t lines,
                                 std::array<const void*, 2> others) {
  Reach& reach = reach_[host.value()];
  reach.lines = static_cast<const std::byte*>(begin);
  reach.line_count = lines;
  reach.other_lines = others;
}

void Network::prefetch(const Reach& reach) {
  for (std::size_t line = 0; line < reach.line_count; ++line) {
    __builtin_prefetch(reach.lines + line * kCacheLineBytes);
  }
  for (const void* const other : reach.other_lines) {
    __builtin_prefetch(other);
  }
}

/// In a large world all of this lies in memory: it comes while the message is made and on its way.
void Network::expect_transmission(HostId from, HostId to) const {
  if (const Path* const path = paths_to_[from.value()].find(to)) {
    __builtin_prefetch(path);
    __builtin_prefetch(&path->random);
  }
  world_.host(to).prefetch();
  prefetch(reach_[to.value()]);
}

void Network::transmit(HostId from, HostId to, Envelope&& envelope) {
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
  message.content = XXH3_64bits_withSeed(scratch_.view().data(), scratch_.size(), header);
  ++counters_.sent;
  counters_.bytes += message.bytes;
  if (message.envelope.delivery == Delivery::datagram) {
    send_datagram(message);
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
  if (path.journey->reordering.parts() != 0 && path.random.chance(path.journey->reordering)) {
    at += path.journey->reordering_delay;
  }
  if (path.journey->duplication.parts() != 0 && path.random.chance(path.journey->duplication)) {
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

void Network::schedule_arrival(InFlight& message, TrueInstant at) {
  message.to_incarnation = message.path->peer.incarnation();
  world_.scheduler().schedule(
      at, [this, &message] { arrive(message); }, message.path->to.value());
}

void Network::arrive(InFlight& message) {
  Path& path = *message.path;
  SimulatedHost& to = path.peer;
  if (!to.is_running() || to.incarnation() != message.to_incarnation) {
    miss(message);
    return;
  }
  ++counters_.delivered;
  Reach& reach = reach_[path.to.value()];
  reach.heard_by = &path;
  reach.heard_from = path.from;
  if (path.back != nullptr) {
    // The answer's.
    __builtin_prefetch(path.back);
    __builtin_prefetch(&path.back->random);
  }
  world_.trace(path.to, EventKind::message_delivered, path.from.value(),
               message.envelope.payload.empty() ? 0 : message.envelope.payload.type().id,
               message.content);
  if (options_.encode_messages && !message.envelope.payload.empty()) {
    scratch_.clear();
    ByteWriter out{scratch_};
    message.envelope.payload.encode(out);
    ByteReader in{scratch_.view()};
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
