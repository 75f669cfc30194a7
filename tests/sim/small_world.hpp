// A world of a few hosts for tests: names "a", "b", ..., one zone unless told otherwise, one
// millisecond apart, and programs made of a function.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/timer.hpp"
#include "sim/world.hpp"

namespace windtunnel::sim {

using namespace std::chrono_literals;

struct Note {
  static constexpr std::string_view kWireName = "test.note";
  std::uint64_t number = 0;
  friend bool operator==(const Note&, const Note&) = default;
};
BOOST_DESCRIBE_STRUCT(Note, (), (number))

struct Ask {
  static constexpr std::string_view kWireName = "test.ask";
  std::uint64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(Ask, (), (number))

struct Answer {
  static constexpr std::string_view kWireName = "test.answer";
  std::uint64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(Answer, (), (number))

/// A program that keeps whatever its setup wants kept for the life of the process.
struct Bundle final : Program {
  std::vector<Subscription> subscriptions;
  std::vector<std::shared_ptr<void>> kept;
};

using Setup = std::function<void(Host&, Bundle&)>;

inline Boot booting(Setup setup) {
  return [setup = std::move(setup)](Host& host) {
    auto bundle = std::make_unique<Bundle>();
    setup(host, *bundle);
    return bundle;
  };
}

struct SmallWorldOptions {
  std::size_t hosts = 2;
  std::vector<std::size_t> zones{};  ///< Zone of each host; empty: all in the first.
  std::vector<std::string> zone_regions = {"r1", "r1", "r2"};
  LinkQuality zone_link{.latency = Constant{1ms}};
  LinkQuality region_link{.latency = Constant{3ms}};
  LinkQuality wan_link{.latency = Constant{50ms}};
  WorldOptions world{};
  HostOptions host{};
};

class SmallWorld {
 public:
  using Options = SmallWorldOptions;

  explicit SmallWorld(const Options& options = {})
      : world_(options.world, topology_of(options), {options.host}) {}

  World* operator->() { return &world_; }
  World& operator*() { return world_; }

  SimulatedHost& host(std::uint32_t index) { return world_.host(HostId{index}); }
  SimulatedHost& start(
      std::uint32_t index, Setup setup = [](Host&, Bundle&) {}) {
    host(index).install(booting(std::move(setup)));
    host(index).start();
    return host(index);
  }

  void run_for(Duration span) { world_.run_until(world_.now() + span); }
  void at(Duration since_zero, std::function<void()> action) {
    actions_.push_back(std::move(action));
    world_.scheduler().schedule(TrueInstant{since_zero},
                                [this, i = actions_.size() - 1] { actions_[i](); });
  }
  Duration now() const { return world_.now().time_since_epoch(); }

  void send(std::uint32_t from, std::uint32_t to, std::uint64_t number,
            Delivery delivery = Delivery::stream) {
    host(from).messages().send(HostId{to}, Note{number}, delivery);
  }

  HostSet set(const std::vector<HostId>& hosts) const {
    return HostSet{world_.host_count(), hosts};
  }
  ConditionId impose(std::uint32_t from, std::uint32_t to, Effect effect,
                     std::string purpose = "test") {
    Condition condition;
    condition.purpose = std::move(purpose);
    condition.from = set({HostId{from}});
    condition.to = set({HostId{to}});
    condition.effect = std::move(effect);
    return world_.network().impose(std::move(condition));
  }

 private:
  static Topology topology_of(const Options& options) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < options.zone_regions.size(); ++i) {
      names.push_back("z" + std::to_string(i + 1));
    }
    Topology topology = Topology::of_zones(
        names, options.zone_regions, {options.zone_link, options.region_link, options.wan_link});
    for (std::size_t i = 0; i < options.hosts; ++i) {
      topology.add_host(std::string(1, static_cast<char>('a' + i)),
                        options.zones.empty() ? 0 : options.zones.at(i));
    }
    return topology;
  }

  World world_;
  std::vector<std::function<void()>> actions_;
};

/// The notes that a host received, and when by the true clock.
struct Inbox {
  struct Received {
    Duration at;
    std::uint64_t number;
    friend bool operator==(const Received&, const Received&) = default;
  };
  std::vector<Received> received;

  [[nodiscard]] std::vector<std::uint64_t> numbers() const {
    std::vector<std::uint64_t> all;
    for (const Received& one : received) {
      all.push_back(one.number);
    }
    return all;
  }
  [[nodiscard]] std::vector<Duration> times() const {
    std::vector<Duration> all;
    for (const Received& one : received) {
      all.push_back(one.at);
    }
    return all;
  }

  /// A setup that fills this inbox.
  [[nodiscard]] Setup filling(SmallWorld& world) {
    return [this, &world](Host& host, Bundle& bundle) {
      bundle.subscriptions.push_back(host.messages().on<Note>([this, &world](HostId, Note& note) {
        received.push_back({world.now(), note.number});
      }));
    };
  }
};

inline void PrintTo(const Inbox::Received& received, std::ostream* out) {
  *out << received.number << " at " << received.at.count() << " ns";
}

/// Answers every Ask with its number plus one.
inline Setup answering() {
  return [](Host& host, Bundle& bundle) {
    bundle.subscriptions.push_back(
        host.messages().serve<Ask>([&host](HostId, Ask& ask, const ReplyTo& to) {
          host.messages().reply(to, Answer{ask.number + 1});
        }));
  };
}

}  // namespace windtunnel::sim
