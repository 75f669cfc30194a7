// The same node code as in simulation, as three processes on loopback: whoever leads is killed ten
// times under load. The parameters are those of leader-kill.json, which is then simulated, so that
// the two worlds' recovery times stand side by side.
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "chaos/measure/measures.hpp"
#include "chaos/measure/statistics.hpp"
#include "chaos/run/runner.hpp"
#include "chaos/scenario/scenario.hpp"
#include "models/kv/client.hpp"
#include "runtime/timer.hpp"
#include "tests/live/node_process.hpp"

namespace windtunnel::live {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kKills = 10;
constexpr std::uint64_t kSeeds = 200;
/// Between the return of one leader and the death of the next.
constexpr std::size_t kWritesBetween = 70;
constexpr HostId kClient{100};

nlohmann::json config_of(const chaos::RaftSettings& raft) {
  return {{"tick", chaos::quantity_text(raft.tick)},
          {"heartbeat_ticks", raft.heartbeat_ticks},
          {"election_ticks", raft.election_ticks},
          {"pre_vote", raft.pre_vote},
          {"check_quorum", raft.check_quorum}};
}

kv::ClientOptions client_options_of(const chaos::Load& load, std::vector<HostId> nodes) {
  return {.nodes = std::move(nodes),
          .timeout = load.timeout,
          .deadline = load.deadline,
          .attempts_max = load.retry.attempts,
          .backoff = load.retry.backoff,
          .backoff_max = load.retry.backoff_max};
}

/// From each kill to the first success of a write invoked after it, which only another leader can
/// have acknowledged. One definition and one code for both worlds.
std::vector<chaos::SeedSample> recoveries_of(const chaos::RunRecord& record) {
  std::vector<chaos::SeedSample> recoveries;
  const chaos::Measures measures{record, {}};
  for (const chaos::FaultMeasures& fault : measures.faults()) {
    const auto recovery = measures.after("control_plane.first_success", fault);
    EXPECT_NE(recovery.amount(), nullptr) << fault.group.id << ": " << to_text(recovery);
    if (recovery.amount() != nullptr) {
      recoveries.push_back({record.seed, chaos::number_of(*recovery.amount())});
    }
  }
  return recoveries;
}

class LeaderKillTest : public LiveCluster {
 protected:
  LeaderKillTest()
      : scenario_(chaos::load_scenario_file(WINDTUNNEL_LEADER_KILL)),
        plan_(chaos::make_plan(scenario_, scenario_.seed())),
        cluster_(context_, directory_.path(), config_of(plan_.control_plane.raft)) {
    TypeRegistry types;
    types.add<kv::WriteRequest, kv::WriteResponse, kv::ScanRequest, kv::ScanResponse>();
    HostTable hosts;
    for (const HostId node : cluster_.nodes()) {
      hosts.add(node, {"", cluster_.endpoint(node)});
      cluster_.start(node);
    }
    const LiveHostOptions options{.id = kClient,
                                  .name = "client",
                                  .listen = *parse_endpoint("127.0.0.1:0"),
                                  .data_directory = directory_.path() / "client"};
    host_ = std::make_unique<LiveHost>(context_, options, types, hosts);
    client_ = std::make_unique<kv::Client>(*host_, client_options_of(load(), cluster_.nodes()));
    began_at_ = host_->now();
  }

  [[nodiscard]] const chaos::Load& load() const { return plan_.loads.front(); }
  [[nodiscard]] TrueInstant since_begin() const { return TrueInstant{host_->now() - began_at_}; }

  /// One write after the other is started, each of a key of its own, whatever becomes of the last.
  asio::awaitable<void> write_on() {
    Timer timer{*host_};
    const Duration interval = load().rate.per / static_cast<Duration::rep>(load().rate.events);
    for (Instant next = host_->now(); is_writing_; next += interval) {
      spawn(*host_, write_one(started_++));
      timer.expires_at(next);
      co_await timer.async_wait(asio::deferred);
    }
  }

  asio::awaitable<void> write_one(std::uint64_t number) {
    const std::string key = "key-" + std::to_string(number);
    chaos::OperationRecord operation;
    operation.client = kClient;
    operation.invoked_at = since_begin();
    const auto result = co_await client_->write(key, SharedBytes{"value of " + key});
    operation.ended_at = since_begin();
    operation.attempts = chaos::countable(result.attempts);
    operation.outcome = chaos::OperationOutcome::indeterminate;
    if (result.outcome == kv::Outcome::ok) {
      operation.outcome = chaos::OperationOutcome::ok;
      acknowledged_.insert(key);
      leader_ = result.response.leader;
      last_success_invoked_at_ = operation.invoked_at;
    }
    record_.operations.push_back(operation);
  }

  /// Everything that the store holds, a page at a time.
  asio::awaitable<void> scan_all() {
    kv::ScanRequest request;
    for (bool has_more = true; has_more;) {
      auto page = co_await client_->scan(request);
      if (page.outcome != kv::Outcome::ok) {
        continue;
      }
      for (const kv::KeyAndValue& entry : page.response.found) {
        stored_[entry.key] = entry.value.view();
      }
      has_more = page.response.has_more;
      if (has_more) {
        request.from = page.response.found.back().key + '\0';
      }
    }
    has_scanned_ = true;
  }

  /// Kills the leader, waits until a write invoked after that succeeds, and starts the killed node
  /// again.
  void kill_leader() {
    const HostId killed = *leader_;
    const TrueInstant killed_at = since_begin();
    cluster_.kill(killed);
    chaos::FaultRecord fault;
    fault.id = "kill-" + std::to_string(record_.faults.size());
    fault.kind = "crash";
    fault.targets = {killed};
    fault.injected_at = killed_at;
    record_.faults.push_back(std::move(fault));
    run_until([&] { return leader_ != killed && last_success_invoked_at_ > killed_at; });
    cluster_.start(killed);
  }

  void expect_every_acknowledged_write() {
    spawn(*host_, scan_all());
    run_until([&] { return has_scanned_; });
    for (const std::string& key : acknowledged_) {
      ASSERT_TRUE(stored_.contains(key)) << key << " was acknowledged and is lost";
      EXPECT_EQ(stored_[key], "value of " + key);
    }
  }

  void write_some() {
    const std::size_t enough = acknowledged_.size() + kWritesBetween;
    run_until([&] { return acknowledged_.size() >= enough; });
  }

  chaos::Scenario scenario_;
  chaos::Plan plan_;
  NodeCluster cluster_;
  Instant began_at_;
  chaos::RunRecord record_;
  bool is_writing_ = true;
  std::uint64_t started_ = 0;
  std::set<std::string> acknowledged_;
  std::optional<HostId> leader_;
  TrueInstant last_success_invoked_at_{};
  std::map<std::string, std::string> stored_;
  bool has_scanned_ = false;
  std::unique_ptr<LiveHost> host_;
  std::unique_ptr<kv::Client> client_;
};

/// The same kill in as many simulated worlds as there are seeds.
std::vector<chaos::SeedSample> simulated_recoveries(const chaos::Scenario& scenario) {
  std::vector<chaos::SeedSample> all;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const auto of_seed = recoveries_of(chaos::run_plan(chaos::make_plan(scenario, seed)));
    all.insert(all.end(), of_seed.begin(), of_seed.end());
  }
  return all;
}

void print_row(const char* where, const chaos::SampleStatistics& recovery) {
  std::printf("  %-34s %4llu  %7.3f s  %7.3f s  %7.3f s\n", where,
              static_cast<unsigned long long>(recovery.n), recovery.min, recovery.p50,
              recovery.max);
}

nlohmann::json json_of(const chaos::SampleStatistics& recovery) {
  return {
      {"n", recovery.n}, {"min", recovery.min}, {"median", recovery.p50}, {"max", recovery.max}};
}

/// A table for people and a line for programs.
void print(const chaos::Plan& plan, const chaos::SampleStatistics& live,
           const chaos::SampleStatistics& simulated) {
  std::printf("%-36s %4s  %9s  %9s  %9s\n", "From the kill to the first success", "n", "min",
              "median", "max");
  print_row("live, SIGKILL on loopback", live);
  print_row("simulated, leader-kill.json", simulated);
  const nlohmann::json line{{"measure", "control_plane.first_success"},
                            {"unit", "s"},
                            {"tick", chaos::seconds_of(plan.control_plane.raft.tick)},
                            {"election_ticks", plan.control_plane.raft.election_ticks},
                            {"live", json_of(live)},
                            {"simulated", json_of(simulated)}};
  std::printf("LEADER_KILL %s\n", line.dump().c_str());
}

// One case for both claims: ten more kills would only take the time again.
TEST_F(LeaderKillTest, LosesNoAcknowledgedWriteAndRecoversAsFastAsInSimulation) {
  spawn(*host_, write_on());
  write_some();
  ASSERT_TRUE(leader_);
  std::uint64_t term = cluster_.last_election().term;
  for (std::uint64_t kill = 0; kill < kKills; ++kill) {
    kill_leader();
    const Election election = cluster_.last_election();
    EXPECT_GT(election.term, term) << "kill " << kill;
    term = election.term;
    write_some();
  }
  is_writing_ = false;
  run_until([&] { return record_.operations.size() == started_; });
  record_.ended_at = since_begin();

  expect_every_acknowledged_write();
  const auto live = recoveries_of(record_);
  const auto simulated = simulated_recoveries(scenario_);
  ASSERT_EQ(live.size(), kKills);
  ASSERT_EQ(simulated.size(), kSeeds);
  const chaos::SampleStatistics live_statistics = chaos::summarize(live);
  const chaos::SampleStatistics simulated_statistics = chaos::summarize(simulated);
  std::printf("%zu of %llu writes acknowledged\n", acknowledged_.size(),
              static_cast<unsigned long long>(started_));
  print(plan_, live_statistics, simulated_statistics);
  // Both wait for the earlier of two timeouts drawn from 10 to 20 ticks; all else is small. A real
  // machine under load adds what it likes, so the factor is wide. It finds that the two no longer
  // measure the same thing: another unit, the default tick of 100 ms, elections that fail.
  EXPECT_LT(live_statistics.p50, 4 * simulated_statistics.p50);
  EXPECT_GT(live_statistics.p50, simulated_statistics.p50 / 4);
}

}  // namespace
}  // namespace windtunnel::live
