#include "models/replica/node.hpp"

#include <algorithm>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::replica {

namespace {

constexpr Duration kCollectEvery = std::chrono::seconds{1};

std::optional<ReplicaId> replica_on(const NodeOptions& options, HostId host) {
  const auto found = std::ranges::find(options.replicas, host);
  if (found == options.replicas.end()) {
    return std::nullopt;
  }
  return ReplicaId{static_cast<std::uint32_t>(found - options.replicas.begin())};
}

ReplicaStoreOptions store_options_of(const NodeOptions& options, HostId host) {
  const std::optional<ReplicaId> self = replica_on(options, host);
  check(self.has_value(), "a replica stands among those that replicate");
  ReplicaStoreOptions store;
  store.replica = {*self, options.stamps, options.ahead_max};
  store.replicas = static_cast<std::uint32_t>(options.replicas.size());
  store.hints_max = options.hints_max;
  return store;
}

RepairerOptions repairer_options_of(const NodeOptions& options) {
  RepairerOptions repairer;
  repairer.replicas = options.replicas;
  repairer.every = options.repair_every;
  return repairer;
}

}  // namespace

Node::Node(Host& host, const NodeOptions& options)
    : host_(host),
      options_(options),
      store_(host, store_options_of(options, host.id())),
      repairer_(host, store_, repairer_options_of(options)) {
  for (std::uint32_t i = 0; i < options.replicas.size(); ++i) {
    if (options.replicas[i] != host.id()) {
      PusherOptions pusher;
      pusher.peer = ReplicaId{i};
      pusher.host = options.replicas[i];
      pusher.retry = options.retry;
      pushers_.push_back(std::make_unique<Pusher>(host, store_, pusher));
    }
  }
  spawn(host, run());
}

asio::awaitable<void> Node::run() {
  co_await store_.load();
  serve();
  for (;;) {
    co_await sleep_for(host_, kCollectEvery);
    store_.collect(options_.deletions_kept);
  }
}

void Node::serve() {
  is_ready_ = true;
  writes_ = host_.messages().serve<WriteRequest>(
      [this](HostId, WriteRequest& request, const ReplyTo& reply) { answer(request, reply); });
  reads_ = host_.messages().serve<ReadRequest>(
      [this](HostId, ReadRequest& request, const ReplyTo& reply) { answer(request, reply); });
  pushes_ = host_.messages().serve<Push>(
      [this](HostId from, Push& push, const ReplyTo& reply) { answer(from, push, reply); });
  repairer_.start();
  for (const auto& pusher : pushers_) {
    pusher->start();
  }
}

void Node::answer(WriteRequest& request, const ReplyTo& reply) {
  WriteResponse response{
      store_.accept(request.kind, std::move(request.key), std::move(request.value))};
  store_.when_durable([this, reply, response] { host_.messages().reply(reply, response); });
  for (const auto& pusher : pushers_) {
    pusher->wake();
  }
}

void Node::answer(const ReadRequest& request, const ReplyTo& reply) {
  ReadResponse response;
  if (const Register* const found = store_.replica().map().find(request.key)) {
    response.found = *found;
  }
  store_.when_durable([this, reply, response] { host_.messages().reply(reply, response); });
}

void Node::answer(HostId from, const Push& push, const ReplyTo& reply) {
  const std::optional<ReplicaId> origin = replica_on(options_, from);
  if (!origin) {
    return;
  }
  for (const Operation& operation : push.operations) {
    if (operation.dot.replica == *origin) {
      store_.apply(operation);
    }
  }
  store_.report(*origin, push.standing);
  PushAnswer answer{store_.standing()};
  store_.when_durable([this, reply, answer] { host_.messages().reply(reply, answer); });
}

}  // namespace windtunnel::replica
