// The same node code as in simulation, as three processes on loopback: whoever leads is killed ten
// times under load.
#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/kv/client.hpp"
#include "runtime/timer.hpp"
#include "tests/live/node_process.hpp"

namespace windtunnel::live {
namespace {

using namespace std::chrono_literals;

constexpr int kKills = 10;
constexpr Duration kWriteInterval = 7ms;
/// Between the return of one leader and the death of the next.
constexpr std::size_t kWritesBetween = 70;
constexpr HostId kClient{100};

class LeaderKillTest : public LiveCluster {
 protected:
  LeaderKillTest()
      : cluster_(context_, directory_.path(),
                 {{"tick", "10ms"}, {"heartbeat_ticks", 1}, {"election_ticks", 10}}) {
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
    kv::ClientOptions client_options;
    client_options.nodes = cluster_.nodes();
    client_ = std::make_unique<kv::Client>(*host_, client_options);
  }

  /// One write after the other is started, each of a key of its own, whatever becomes of the last.
  asio::awaitable<void> write_on() {
    Timer timer{*host_};
    for (Instant next = host_->now(); is_writing_; next += kWriteInterval) {
      spawn(*host_, write_one("key-" + std::to_string(started_++)));
      timer.expires_at(next);
      co_await timer.async_wait(asio::deferred);
    }
  }

  asio::awaitable<void> write_one(std::string key) {
    const auto result = co_await client_->write(key, SharedBytes{"value of " + key});
    ++finished_;
    if (result.outcome == kv::Outcome::ok) {
      acknowledged_.insert(key);
      last_leader_ = result.response.leader;
      last_acknowledged_at_ = host_->now();
    }
  }

  /// Everything that the store holds, a page at a time.
  asio::awaitable<void> scan_all() {
    std::string from;
    for (bool has_more = true; has_more;) {
      auto page = co_await client_->scan(from, 500);
      if (page.outcome != kv::Outcome::ok) {
        continue;
      }
      for (const kv::KeyAndValue& entry : page.response.found) {
        stored_[entry.key] = entry.value.view();
      }
      has_more = page.response.has_more;
      if (has_more) {
        from = page.response.found.back().key + '\0';
      }
    }
    has_scanned_ = true;
  }

  /// Kills the leader, waits for another one's first acknowledged write, and starts the killed node
  /// again. The time without a leader, as a client sees it.
  Duration kill_leader() {
    const HostId killed = *last_leader_;
    cluster_.kill(killed);
    const Instant killed_at = host_->now();
    // What the killed leader had answered may still arrive.
    run_until([&] { return last_leader_ != killed && last_acknowledged_at_ > killed_at; });
    const Duration recovery = last_acknowledged_at_ - killed_at;
    cluster_.start(killed);
    return recovery;
  }

  void write_some() {
    const std::size_t enough = acknowledged_.size() + kWritesBetween;
    run_until([&] { return acknowledged_.size() >= enough; });
  }

  NodeCluster cluster_;
  bool is_writing_ = true;
  std::uint64_t started_ = 0;
  std::uint64_t finished_ = 0;
  std::set<std::string> acknowledged_;
  std::optional<HostId> last_leader_;
  Instant last_acknowledged_at_{};
  std::map<std::string, std::string> stored_;
  bool has_scanned_ = false;
  std::unique_ptr<LiveHost> host_;
  std::unique_ptr<kv::Client> client_;
};

double seconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1e9;
}

/// One line for people and one for programs.
void print(std::vector<Duration> recoveries, std::size_t acknowledged, std::uint64_t started) {
  nlohmann::json values = nlohmann::json::array();
  for (const Duration recovery : recoveries) {
    values.push_back(seconds(recovery));
  }
  std::sort(recoveries.begin(), recoveries.end());
  const Duration middle =
      (recoveries[(recoveries.size() - 1) / 2] + recoveries[recoveries.size() / 2]) / 2;
  std::printf(
      "%d leaders killed, %zu of %llu writes acknowledged; recovery min %.3f s, median %.3f s, max "
      "%.3f s\n",
      kKills, acknowledged, static_cast<unsigned long long>(started), seconds(recoveries.front()),
      seconds(middle), seconds(recoveries.back()));
  const nlohmann::json line{{"measure", "control_plane.recovery_time"},
                            {"where", "live"},
                            {"unit", "s"},
                            {"tick", 0.01},
                            {"election_ticks", 10},
                            {"values", values},
                            {"min", seconds(recoveries.front())},
                            {"median", seconds(middle)},
                            {"max", seconds(recoveries.back())}};
  std::printf("LEADER_KILL %s\n", line.dump().c_str());
}

TEST_F(LeaderKillTest, LosesNoAcknowledgedWriteOverTenKilledLeaders) {
  std::vector<Duration> recoveries;
  spawn(*host_, write_on());
  write_some();
  std::uint64_t term = cluster_.last_election().term;
  for (int kill = 0; kill < kKills; ++kill) {
    const HostId killed = *last_leader_;
    recoveries.push_back(kill_leader());
    const Election election = cluster_.last_election();
    EXPECT_GT(election.term, term) << "kill " << kill;
    EXPECT_NE(last_leader_, killed) << "kill " << kill;
    term = election.term;
    write_some();
  }
  is_writing_ = false;
  run_until([&] { return finished_ == started_; });

  spawn(*host_, scan_all());
  run_until([&] { return has_scanned_; });
  for (const std::string& key : acknowledged_) {
    ASSERT_TRUE(stored_.contains(key)) << key << " was acknowledged and is lost";
    EXPECT_EQ(stored_[key], "value of " + key);
  }
  print(recoveries, acknowledged_.size(), started_);
}

}  // namespace
}  // namespace windtunnel::live
