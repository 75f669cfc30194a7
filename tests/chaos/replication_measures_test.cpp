#include "chaos/measure/replication_measures.hpp"

#include <gtest/gtest.h>

#include "tests/chaos/made_record.hpp"

namespace windtunnel::chaos {
namespace {

using replica::CallKind;
using replica::Dot;
using replica::OperationKind;
using replica::ReplicaId;

constexpr TimeWindow kWhole{TrueInstant{}, TrueInstant{100s}};

Dot dot(std::uint32_t replica, std::uint64_t number) {
  return {ReplicaId{replica}, number};
}

/// Two replicas. A write is accepted, and answered 1 ms later; what is seen when is said apart.
struct Made {
  ReplicationRecord record;

  Made() { record.replicas = {HostId{0}, HostId{1}}; }

  void write(Duration when, const Dot& name, OperationKind kind, std::vector<Dot> replaced = {},
             bool is_lost = false, Duration stamped = {}) {
    const Duration wall = stamped == Duration{} ? when : stamped;
    record.accepted.push_back(
        {at(when), name, kind, "k", {WallInstant{wall}, 0}, std::move(replaced), is_lost});
    record.progress.push_back({at(when), name.replica, name.replica, name.number});
    record.calls.push_back(
        {client, static_cast<CallKind>(kind), "k", at(when), at(when + 1ms), true, name});
  }
  void seen(Duration when, std::uint32_t by, const Dot& name) {
    record.progress.push_back({at(when), ReplicaId{by}, name.replica, name.number});
  }
  void read(Duration when, std::optional<Dot> found) {
    record.calls.push_back({client, CallKind::read, "k", at(when), at(when + 1ms), true, found});
  }
  [[nodiscard]] MeasureValue measure(std::string_view name) const {
    return replication_measure(ReplicationIndex{record}, name, kWhole);
  }
};

TEST(ReplicationMeasures, CountAWriteAsLostThatNobodyOverwroteKnowingly) {
  Made made;
  made.write(1s, dot(0, 1), OperationKind::put);
  made.write(2s, dot(1, 1), OperationKind::put);               // Did not know of it: it is lost.
  made.write(3s, dot(1, 2), OperationKind::put, {dot(1, 1)});  // Knew of that one.
  EXPECT_EQ(made.measure("replication.lost_concurrent"), measured(Count{1}, 3));
  EXPECT_EQ(made.measure("replication.lost_newer"), measured(Count{0}, 3));
}

TEST(ReplicationMeasures, CountAWriteApartThatLostToWhatItKnew) {
  Made made;
  made.write(1s, dot(0, 1), OperationKind::put, {}, false, 9s);
  made.write(2s, dot(1, 1), OperationKind::put, {}, true);
  EXPECT_EQ(made.measure("replication.lost_concurrent"), measured(Count{0}, 2));
  EXPECT_EQ(made.measure("replication.lost_newer"), measured(Count{1}, 2));
}

// A deletion that was forgotten leaves nothing that a later write could name.
TEST(ReplicationMeasures, DoNotCountADeletionAsLostThatALaterWriteHadSeen) {
  for (const bool had_seen : {false, true}) {
    Made made;
    made.write(1s, dot(0, 1), OperationKind::erase);
    made.seen(had_seen ? 2s : 4s, 1, dot(0, 1));
    made.write(3s, dot(1, 1), OperationKind::put);
    EXPECT_EQ(made.measure("replication.lost_concurrent"), measured(Count{had_seen ? 0U : 1U}, 2));
  }
}

TEST(ReplicationMeasures, CallAReadStaleThatMissedAnAcknowledgedWrite) {
  Made made;
  made.write(1s, dot(0, 1), OperationKind::put);
  made.write(2s, dot(0, 2), OperationKind::put, {dot(0, 1)});
  made.read(1500ms, dot(0, 1));
  made.read(5s, dot(0, 1));  // Missed the second, 2.999 s old.
  made.read(6s, dot(0, 2));
  made.read(2s + 500us, dot(0, 1));  // It was not acknowledged yet.
  made.read(7s, std::nullopt);       // Missed both: the second is 4.999 s old.
  EXPECT_EQ(made.measure("replication.stale_reads"), measured(Ratio::of(2, 5), 5));
  EXPECT_EQ(made.measure("replication.staleness.max"), measured(Duration{4999ms}, 5));
}

TEST(ReplicationMeasures, DoNotCallItStaleToFindNothingOfWhatWasDeleted) {
  Made made;
  made.write(1s, dot(0, 1), OperationKind::put);
  made.write(2s, dot(0, 2), OperationKind::erase, {dot(0, 1)});
  made.read(3s, std::nullopt);
  EXPECT_EQ(made.measure("replication.stale_reads"), measured(Ratio::of(0, 1), 1));
}

TEST(ReplicationMeasures, MeasureLagUntilTheLastReplicaHasSeenAnOperation) {
  Made made;
  made.write(1s, dot(0, 1), OperationKind::put);
  made.write(2s, dot(0, 2), OperationKind::put);
  made.seen(3s, 1, dot(0, 2));
  EXPECT_EQ(made.measure("replication.lag.p50"), measured(Duration{1s}, 2));
  EXPECT_EQ(made.measure("replication.lag.p99"), measured(Duration{2s}, 2));
  made.write(4s, dot(1, 1), OperationKind::put);
  EXPECT_EQ(made.measure("replication.lag.p50"), measured(Duration{2s}, 3));
  EXPECT_TRUE(made.measure("replication.lag.p99").is_censored());
}

TEST(ReplicationMeasures, MeasureConvergenceFromTheFaultsEnd) {
  Made made;
  made.write(1s, dot(0, 1), OperationKind::put);
  made.write(12s, dot(0, 2), OperationKind::put);  // After the fault.
  FaultGroup group;
  const auto convergence = [&] {
    return replication_convergence(ReplicationIndex{made.record}, group, at(60s));
  };
  EXPECT_EQ(convergence().amount(), nullptr);
  group.ended_at = at(10s);
  EXPECT_TRUE(convergence().is_censored());
  made.seen(11s, 1, dot(0, 1));
  EXPECT_EQ(convergence(), measured(Duration{1s}, 1));
}

TEST(ReplicationMeasures, HoldWhatReplicasHaveInTheEndAgainstWhatTheOperationsComeTo) {
  Made made;
  EXPECT_EQ(made.measure("replication.divergent").amount(), nullptr);
  made.write(1s, dot(0, 1), OperationKind::put);
  made.write(2s, dot(0, 2), OperationKind::erase, {dot(0, 1)});
  made.write(3s, dot(0, 3), OperationKind::add);
  HeldRecord right;
  right.seen.add(ReplicaId{0}, {1, 3});
  right.elements = {"k"};
  HeldRecord wrong = right;
  made.record.held = {right, right};
  for (const char* const name : {"replication.divergent", "replication.resurrected",
                                 "replication.set_anomalies", "replication.lost_acked"}) {
    EXPECT_EQ(made.measure(name), measured(Count{0}, 3)) << name;
  }
  wrong.registers = {{"k", dot(0, 1)}};
  wrong.elements.clear();
  wrong.seen = {};
  wrong.seen.add(ReplicaId{0}, {1, 2});
  made.record.held = {right, wrong};
  EXPECT_EQ(made.measure("replication.divergent"), measured(Count{2}, 3));
  EXPECT_EQ(made.measure("replication.resurrected"), measured(Count{1}, 3));
  EXPECT_EQ(made.measure("replication.set_anomalies"), measured(Count{1}, 3));
  EXPECT_EQ(made.measure("replication.lost_acked"), measured(Count{1}, 3));
}

TEST(ReplicationMeasures, SeeNothingOfWhatHadNotHappenedYet) {
  Made made;
  made.write(1s, dot(0, 1), OperationKind::put);
  made.write(2s, dot(0, 2), OperationKind::put);
  const ReplicationRecord before = as_it_stood(made.record, at(1s + 500us));
  EXPECT_EQ(before.accepted.size(), 1U);
  ASSERT_EQ(before.calls.size(), 1U);
  EXPECT_FALSE(before.calls[0].ended_at);
}

}  // namespace
}  // namespace windtunnel::chaos
