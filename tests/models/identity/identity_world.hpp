// Three nodes of a control plane that signs, and some workloads that shake hands with each other
// all the time. What came of it is counted.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/config/config_publisher.hpp"
#include "models/config/config_subscriber.hpp"
#include "models/identity/authority.hpp"
#include "models/identity/begin_rotation.hpp"
#include "models/identity/facts.hpp"
#include "models/identity/rotation_controller.hpp"
#include "models/identity/workload.hpp"
#include "runtime/codec.hpp"
#include "tests/sim/small_world.hpp"

namespace windtunnel::identity {

using namespace std::chrono_literals;

struct SigningNode final : Program {
  SigningNode(Host& host, const kv::NodeOptions& options, const IssuingOptions& issuing)
      : node(host, options),
        publisher(host, node),
        authority(host, node, {options.raft.voters, issuing}),
        controller(host, node, {.nodes = options.raft.voters, .tick = 20ms}) {}
  kv::Node node;
  config::ConfigPublisher publisher;
  Authority authority;
  RotationController controller;
};

struct WorkloadProgram final : Program {
  WorkloadProgram(Host& host, WorkloadOptions options, std::vector<HostId> peers, Duration pause)
      : nodes(options.nodes), workload(host, std::move(options)) {
    config::ConfigSubscriberOptions subscription;
    subscription.nodes = nodes;
    config::ConfigSubscriber::Hooks hooks;
    hooks.check = &trust_flaw_of;
    hooks.prepare = [](const config::Update&) -> asio::awaitable<void> { co_return; };
    hooks.apply = [this](const config::Update& step) { workload.apply(step); };
    subscriber.emplace(host, std::move(subscription), std::move(hooks));
    if (pause > Duration::zero()) {
      spawn(host, greet(host, std::move(peers), pause));
    }
  }

  asio::awaitable<void> greet(Host& host, std::vector<HostId> peers, Duration pause) {
    for (;;) {
      co_await sleep_for(host, pause);
      for (const HostId peer : peers) {
        co_await workload.connect(peer, "shop", 200ms);
      }
    }
  }

  std::vector<HostId> nodes;
  Workload workload;
  std::optional<config::ConfigSubscriber> subscriber;
};

struct IdentityWorldOptions {
  std::uint64_t seed = 1;
  std::uint32_t workloads = 4;
  IssuingOptions issuing{.ttl = 10s, .backdate = 1s};
  RenewalOptions renewal{.backoff = 100ms, .backoff_max = 400ms};
  Duration patience = 300ms;
  Duration greeting = 100ms;  ///< Between two rounds of handshakes; zero: none.
};

class IdentityWorld {
 public:
  static constexpr std::uint32_t kNodes = 3;

  explicit IdentityWorld(const IdentityWorldOptions& options)
      : world({.hosts = kNodes + options.workloads + 1, .world = {.seed = options.seed}}),
        random(options.seed, "identity_world"),
        options_(options) {
    world->facts().observe([this](const sim::FreshFact& fact) { observe(fact); });
    kv::NodeOptions node;
    node.raft.voters = nodes;
    node.raft.tick = 20ms;
    for (std::uint32_t i = 0; i < kNodes; ++i) {
      world.host(i).install([node, issuing = options.issuing](Host& host) {
        return std::make_unique<SigningNode>(host, node, issuing);
      });
    }
    for (std::uint32_t i = 0; i < options.workloads; ++i) {
      world.host(kNodes + i).install([this, i](Host& host) { return workload_program(host, i); });
    }
  }

  void start() {
    for (std::uint32_t i = 0; i < kNodes + options_.workloads; ++i) {
      world.host(i).start();
    }
    world.start(operator_host());
  }

  /// Asks for a rotation at this time, from a host that nothing befalls.
  void rotate_at(Duration at, RotationSpec spec = {}) {
    later(at, [this, spec = std::move(spec)] {
      sim::SimulatedHost& host = world.host(operator_host());
      spawn(host, rotate(host, spec));
    });
  }

  /// The control plane is cut off from all workloads.
  void cut_off(Duration from, Duration lasts) {
    later(from, [this, lasts] {
      sim::Condition condition;
      condition.purpose = "cut";
      condition.from = world.set(nodes);
      std::vector<HostId> others;
      for (std::uint32_t i = 0; i < options_.workloads; ++i) {
        others.push_back(HostId{kNodes + i});
      }
      condition.to = world.set(others);
      condition.effect = sim::Block{};
      const sim::ConditionId cut = world->network().impose(std::move(condition));
      later(world.now() + lasts, [this, cut] { world->network().lift(cut); });
    });
  }

  /// At this time of the world, also from within another such action.
  void later(Duration at, std::function<void()> action) {
    actions_.push_back(std::move(action));
    world->scheduler().schedule(TrueInstant{at},
                                [this, i = actions_.size() - 1] { actions_[i](); });
  }

  [[nodiscard]] std::optional<std::uint32_t> leader() {
    for (std::uint32_t i = 0; i < kNodes; ++i) {
      const auto* const program = dynamic_cast<SigningNode*>(world.host(i).program());
      if (program != nullptr && program->node.is_leader()) {
        return i;
      }
    }
    return std::nullopt;
  }

  sim::SmallWorld world;
  RandomStream random;
  std::vector<HostId> nodes{HostId{0}, HostId{1}, HostId{2}};

  std::uint64_t accepted = 0;
  std::map<std::string, std::uint64_t> refused;  ///< By reason.
  std::map<HostId, std::uint64_t> expired;
  std::map<HostId, std::uint64_t> installed;
  std::map<HostId, KeyId> issuers;  ///< Of the latest certificates.
  std::uint32_t finished_steps = 0;
  std::optional<Duration> first_refusal;

 private:
  [[nodiscard]] std::uint32_t operator_host() const { return kNodes + options_.workloads; }

  std::unique_ptr<Program> workload_program(Host& host, std::uint32_t number) {
    WorkloadOptions own;
    own.service = "shop";
    own.nodes = nodes;
    own.renewal = options_.renewal;
    own.patience = options_.patience;
    own.report_every = 200ms;
    std::vector<HostId> peers;
    for (std::uint32_t i = 0; i < options_.workloads; ++i) {
      if (i != number) {
        peers.push_back(HostId{kNodes + i});
      }
    }
    return std::make_unique<WorkloadProgram>(host, std::move(own), std::move(peers),
                                             options_.greeting);
  }

  asio::awaitable<void> rotate(Host& host, RotationSpec spec) {
    kv::ClientOptions client_options;
    client_options.nodes = nodes;
    kv::Client client{host, client_options};
    co_await begin_rotation(host, client, std::move(spec), options_.issuing);
  }

  void observe(const sim::FreshFact& fact) {
    if (fact.is<HandshakeEnded>()) {
      const auto& ended = fact.as<HandshakeEnded>();
      if (ended.own == Flaw::none && ended.peer == Flaw::none) {
        ++accepted;
        return;
      }
      const Flaw flaw = ended.peer != Flaw::none ? ended.peer : ended.own;
      ++refused[enumerator_name(flaw)];
      first_refusal = first_refusal.value_or(world.now());
    } else if (fact.is<CertificateExpired>()) {
      ++expired[fact.host];
    } else if (fact.is<CertificateInstalled>()) {
      ++installed[fact.host];
      issuers[fact.host] = fact.as<CertificateInstalled>().issuer;
    } else if (fact.is<RotationMoved>()) {
      finished_steps = std::max(finished_steps, fact.as<RotationMoved>().finished);
    }
  }

  IdentityWorldOptions options_;
  std::deque<std::function<void()>> actions_;
};

}  // namespace windtunnel::identity
