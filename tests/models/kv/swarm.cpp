#include "tests/models/kv/swarm.hpp"

#include "tests/models/kv/swarm_world.hpp"

namespace windtunnel::kv {

namespace {

using sim::Bundle;

asio::awaitable<void> increment(Swarm& swarm, Host& host, std::uint32_t writer) {
  Client client{host, swarm.client_options()};
  RandomStream random = host.random("increments");
  for (std::uint64_t number = 0; swarm.world.now() < kFaultsEnd; ++number) {
    co_await sleep_for(host, random.uniform(1ms, 200ms));
    const auto read = co_await client.read("counter");
    if (read.outcome != Outcome::ok) {
      continue;
    }
    const std::string before{read.response.value.view()};
    const std::uint64_t count = before.empty() ? 0 : std::stoull(before);
    Increment made{std::to_string(writer) + "." + std::to_string(number), {}, {}};
    ChangeRequest request;
    request.key = "counter";
    request.value = SharedBytes{std::to_string(count + 1) + " by " + made.tag};
    request.expected = read.response.revision;
    const auto changed = co_await client.change(std::move(request));
    made.outcome = changed.outcome;
    made.change = changed.response.outcome;
    swarm.increments.push_back(std::move(made));
  }
}

asio::awaitable<void> write_data(Swarm& swarm, Host& host) {
  Client client{host, swarm.client_options()};
  RandomStream random = host.random("data");
  for (std::uint64_t number = 0; swarm.world.now() < kFaultsEnd; ++number) {
    co_await sleep_for(host, random.uniform(1ms, 60ms));
    ChangeRequest request;
    request.key = "data/" + std::to_string(random.below(20));
    if (random.below(4) != 0) {
      request.value = SharedBytes{std::to_string(number)};
    }
    static_cast<void>(co_await client.change(std::move(request)));
  }
}

/// Holds one lease after another: keeps each alive for a while, then no more.
asio::awaitable<void> hold_leases(Swarm& swarm, Host& host, int holder) {
  ClientOptions options = swarm.client_options();
  options.deadline = 1s;
  Client client{host, options};
  RandomStream random = host.random("leases:" + std::to_string(holder));
  while (swarm.world.now() < kFaultsEnd) {
    LeaseRecord record;
    const Duration asked_at = swarm.world.now();
    const auto granted = co_await client.grant(kTtl);
    if (granted.outcome != Outcome::ok) {
      continue;
    }
    const LeaseId lease{granted.response.revision};
    record.key = "leased/" + std::to_string(lease.value());
    record.acknowledged_at = record.last_sent_at = asked_at;
    ChangeRequest request;
    request.key = record.key;
    request.value = SharedBytes{"held"};
    request.lease = lease;
    const auto written = co_await client.change(std::move(request));
    record.is_written =
        written.outcome == Outcome::ok && written.response.outcome == ChangeOutcome::done;
    const Duration until = swarm.world.now() + random.uniform(0s, 12s);
    while (swarm.world.now() < until) {
      co_await sleep_for(host, kTtl / 3);
      const Duration sent_at = swarm.world.now();
      record.last_sent_at = sent_at;
      std::vector<LeaseId> wanted{lease};
      const auto renewed = co_await client.keep_alive(std::move(wanted));
      if (renewed.outcome == Outcome::ok) {
        if (renewed.response.ttls.at(0) == Duration::zero()) {
          break;
        }
        record.acknowledged_at = sent_at;
      }
    }
    record.last_sent_at = swarm.world.now();
    swarm.leases.push_back(record);
  }
}

void boot_node(Swarm& swarm, std::uint32_t index) {
  swarm.world.host(index).install([&swarm](Host& host) {
    NodeOptions options;
    options.raft.voters = swarm.nodes;
    options.store.history_events_max = swarm.is_compacting ? 30 : 100'000;
    auto node = std::make_unique<Node>(host, options);
    node->observe([&swarm](const Event& event) {
      if (event.kind == EventKind::deletion) {
        swarm.deleted_at.try_emplace(std::string{event.key()}, swarm.world.now());
      }
    });
    return node;
  });
  swarm.world.host(index).start();
}

void start_clients(Swarm& swarm) {
  for (std::uint32_t writer = 0; writer < 2; ++writer) {
    swarm.world.start(kNodes + writer, [&swarm, writer](Host& host, Bundle&) {
      spawn(host, increment(swarm, host, writer));
      spawn(host, write_data(swarm, host));
    });
  }
  swarm.world.start(kNodes + 2, [&swarm](Host& host, Bundle& bundle) {
    auto watches = std::make_shared<WatchClient>(host, WatchClientOptions{.nodes = swarm.nodes});
    swarm.watches = watches.get();
    watches->start({"", WatchMatch::prefix}, 0,
                   {.on_batch =
                        [&swarm](const WatchBatch& batch) {
                          for (const WatchEvent& event : batch.events) {
                            swarm.watched.emplace_back(event.revision, event.kind, event.key,
                                                       std::string{event.value.view()});
                          }
                        },
                    .on_end = [](WatchEnd) {}});
    auto client = std::make_shared<Client>(host, swarm.client_options());
    auto mirror = std::make_shared<Mirror>(
        host, *client, *watches, "data/",
        MirrorHandlers{[](const KeyAndValue&) {}, [](std::string_view) {}, [](std::uint64_t) {}});
    swarm.mirror = mirror.get();
    bundle.kept = {watches, client, mirror};
  });
  swarm.world.start(kNodes + 3, [&swarm](Host& host, Bundle&) {
    for (int i = 0; i < 3; ++i) {
      spawn(host, hold_leases(swarm, host, i));
    }
  });
}

void cut(Swarm& swarm, HostId host, const std::vector<HostId>& others, Duration from, Duration to) {
  auto condition = std::make_shared<sim::ConditionId>();
  swarm.world.at(from, [&swarm, host, others, condition, from] {
    sim::Condition cut;
    cut.purpose = "cut at " + std::to_string(from.count());
    cut.from = swarm.world.set({host});
    cut.to = swarm.world.set(others);
    cut.reach = sim::Reach::both_ways;
    cut.effect = sim::Block{swarm.random.below(2) == 0 ? sim::Block::Manner::drop
                                                       : sim::Block::Manner::reject};
    *condition = swarm.world->network().impose(std::move(cut));
  });
  swarm.world.at(to, [&swarm, condition] { swarm.world->network().lift(*condition); });
}

void plan_faults(Swarm& swarm) {
  RandomStream& random = swarm.random;
  for (Duration at = random.uniform(1s, 4s); at < kFaultsEnd - 9s;
       at += random.uniform(500ms, 4s)) {
    const auto victim = static_cast<std::uint32_t>(random.below(kNodes));
    // Some so short that only a few messages are lost.
    const Duration end =
        at + (random.below(3) == 0 ? random.uniform(5ms, 100ms) : random.uniform(300ms, 8s));
    std::vector<HostId> others;
    for (std::uint32_t i = 0; i < kNodes + kClients; ++i) {
      // Clients stay on one side or the other.
      if (i != victim && (i < kNodes || random.below(2) == 0)) {
        others.emplace_back(i);
      }
    }
    switch (random.below(4)) {
      case 0:
        swarm.world.at(at, [&swarm, victim] {
          if (swarm.world.host(victim).is_running()) {
            swarm.world.host(victim).crash();
          }
        });
        swarm.world.at(end, [&swarm, victim] {
          if (!swarm.world.host(victim).is_running()) {
            swarm.world.host(victim).start();
          }
        });
        break;
      case 1:
        cut(swarm, HostId{victim}, others, at, end);
        break;
      case 2:
        // Only the watcher is cut off.
        cut(swarm, HostId{kNodes + 2}, {HostId{victim}}, at, end);
        break;
      default:
        swarm.world.at(at, [&swarm, victim] {
          if (swarm.world.host(victim).is_running() && !swarm.world.host(victim).is_paused()) {
            swarm.world.host(victim).pause();
          }
        });
        swarm.world.at(end, [&swarm, victim] {
          if (swarm.world.host(victim).is_paused()) {
            swarm.world.host(victim).resume();
          }
        });
    }
    swarm.fault_ends.push_back(at);
    swarm.fault_ends.push_back(end);
  }
  // Whatever crossed: all run at the end.
  swarm.world.at(kFaultsEnd, [&swarm] {
    for (std::uint32_t i = 0; i < kNodes; ++i) {
      if (swarm.world.host(i).is_paused()) {
        swarm.world.host(i).resume();
      }
      if (!swarm.world.host(i).is_running()) {
        swarm.world.host(i).start();
      }
    }
  });
  swarm.fault_ends.push_back(kFaultsEnd);
}

}  // namespace

std::optional<std::string> run_swarm(std::uint64_t seed, SwarmTally& tally) {
  Swarm swarm{seed};
  for (std::uint32_t node = 0; node < kNodes; ++node) {
    boot_node(swarm, node);
  }
  start_clients(swarm);
  plan_faults(swarm);
  swarm.world.run_for(kEnd);
  auto breach = check_watches(swarm, tally);
  if (!breach) {
    breach = check_increments(swarm, tally);
  }
  if (!breach) {
    breach = check_leases(swarm, tally);
  }
  return breach;
}

}  // namespace windtunnel::kv
