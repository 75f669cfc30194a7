"""Raft message by message: nothing breaks its safety, whatever the schedule."""

from __future__ import annotations

import random
from typing import Any

import pytest

import windtunnel as wt


def elected(cluster: wt.RaftCluster) -> int:
    for _ in range(1000):
        if cluster.leader is not None:
            return cluster.leader
        cluster.tick_all()
        cluster.deliver_all()
    raise AssertionError(f"no leader: {cluster}")


def test_elects_one_leader_and_commits_on_all() -> None:
    cluster = wt.RaftCluster(3, seed=1)
    leader = elected(cluster)
    proposal = cluster.propose(leader, "x=1")
    assert proposal["outcome"] == "accepted"
    cluster.deliver_all()
    cluster.tick_all(2)
    cluster.deliver_all()
    assert [cluster.applied(node) for node in range(3)] == [[b"x=1"]] * 3
    assert [state["commit"] for state in cluster.states] == [2, 2, 2]
    assert [state["role"] for state in cluster.states].count("leader") == 1
    assert cluster.breach is None


def test_a_follower_names_the_leader() -> None:
    cluster = wt.RaftCluster(3, seed=2)
    leader = elected(cluster)
    follower = (leader + 1) % 3
    assert cluster.propose(follower, b"y") == {
        "outcome": "not_leader",
        "term": None,
        "index": None,
        "leader": leader,
    }


def test_nothing_commits_without_a_quorum() -> None:
    cluster = wt.RaftCluster(3, seed=3)
    leader = elected(cluster)
    for node in range(3):
        if node != leader:
            cluster.crash(node)
    cluster.propose(leader, "lost")
    before = cluster.state(leader)["commit"]
    cluster.deliver_all()
    assert cluster.state(leader)["commit"] == before
    assert cluster.state(leader)["last_index"] == before + 1


def test_a_node_restarts_from_its_stored_log() -> None:
    cluster = wt.RaftCluster(3, seed=4)
    leader = elected(cluster)
    cluster.propose(leader, "kept")
    cluster.deliver_all()
    stored = cluster.stored(leader)
    cluster.crash(leader)
    assert cluster.state(leader)["role"] == "down"
    assert not any(cluster.deliver(0) for _ in range(cluster.message_count))
    cluster.restart(leader)
    assert cluster.log(leader) == stored["entries"]
    assert cluster.state(leader)["vote"] == stored["vote"]
    elected(cluster)
    cluster.tick_all(3)
    cluster.deliver_all()
    assert cluster.applied(leader) == [b"kept"]


def test_a_crash_before_the_write_loses_it() -> None:
    cluster = wt.RaftCluster(1, seed=5, hold_writes=True)
    while cluster.leader is None:
        cluster.tick(0)
        while cluster.write(0):
            pass
    cluster.propose(0, "volatile")
    assert cluster.state(0)["writes"] > 0
    cluster.crash(0)
    cluster.restart(0)
    assert b"volatile" not in [entry["data"] for entry in cluster.log(0)]
    assert cluster.breach is None


def lead(cluster: wt.RaftCluster, node: int, voters: set[int]) -> None:
    """`node` campaigns until it leads; only it and `voters` hear of it, and of nothing but votes."""
    for _ in range(5):
        cluster.drop_all()
        cluster.campaign(node)
        while cluster.message_count:
            message = cluster.messages[0]
            if {message.sender, message.receiver} <= voters | {node} and "vote" in message.type:
                cluster.deliver(message)
            else:
                cluster.drop(message)
        if cluster.state(node)["role"] == "leader":
            return
    raise AssertionError(f"{node} does not lead: {cluster}")


def exchange(cluster: wt.RaftCluster, members: set[int], before_term: int | None = None) -> None:
    """Messages among `members` arrive, all others are lost, and what would add entries from `before_term` on."""
    for _ in range(20):
        for node in members:
            cluster.tick(node)
        while cluster.message_count:
            message = cluster.messages[0]
            is_old = all(before_term is None or entry["term"] < before_term for entry in message.entries)
            is_rejected = cluster.state(message.receiver)["last_index"] < message.log_index
            if {message.sender, message.receiver} <= members and (is_old or is_rejected):
                cluster.deliver(message)
            else:
                cluster.drop(message)


def test_figure_8_an_entry_of_an_old_term_is_not_committed_by_counting_copies() -> None:
    """Raft paper, section 5.4.2: S1's entry reaches a majority in a later term, and S5 still overwrites it."""
    cluster = wt.RaftCluster(
        5, seed=8, pre_vote=False, check_quorum=False, election_ticks=1000, max_entries_per_append=1
    )
    lead(cluster, 0, {1, 2, 3, 4})
    exchange(cluster, {0, 1, 2, 3, 4})
    # (a) S1's entry reaches S2 alone.
    old = cluster.propose(0, "first")["index"]
    for message in cluster.messages:
        if message.receiver == 1:
            cluster.deliver(message)
    cluster.drop_all()
    assert cluster.log(1)[-1]["data"] == b"first"
    # (b) S1 crashes; S5 is elected by S3 and S4 and takes another entry.
    cluster.crash(0)
    lead(cluster, 4, {2, 3})
    cluster.propose(4, "second")
    cluster.drop_all()
    # (c) S5 crashes; S1 leads again and copies its old entry to S3 and S4: it knows of a majority with it.
    cluster.crash(4)
    cluster.restart(0)
    lead(cluster, 0, {1, 2, 3})
    exchange(cluster, {0, 1, 2, 3}, before_term=cluster.state(0)["term"])
    matches = {row["node"]: row["match"] for row in cluster.peers(0)}
    assert cluster.log(2)[-1]["data"] == b"first"
    assert sum(match >= old for match in matches.values()) == 3
    assert cluster.state(0)["commit"] < old
    # (d) S1 crashes; S5, whose last entry has a later term than theirs, is elected by all others, and overwrites.
    cluster.crash(0)
    cluster.restart(4)
    lead(cluster, 4, {1, 2, 3})
    exchange(cluster, {1, 2, 3, 4})
    cluster.restart(0)
    exchange(cluster, {0, 1, 2, 3, 4})
    assert [cluster.applied(node) for node in range(5)] == [[b"second"]] * 5
    assert cluster.breach is None


class Schedule:
    """Everything that can go wrong, in a random order that the seed names."""

    def __init__(self, seed: int, **parameters: Any) -> None:
        self.rng = random.Random(seed)
        size = self.rng.choice([3, 3, 5])
        ticks = self.rng.choice([3, 10])
        self.cluster = wt.RaftCluster(
            size, seed=seed, election_ticks=ticks, pre_vote=self.rng.random() < 0.5, **parameters
        )
        self.weights = {
            self.deliver: 200,
            self.drop: self.rng.choice([0, 5, 60]),
            self.repeat: self.rng.choice([0, 10]),
            self.tick: self.rng.choice([15, 40]),
            self.propose: self.rng.choice([4, 15]),
            self.write: self.rng.choice([20, 200]),
            self.campaign: self.rng.choice([0, 5]),
            self.crash: self.rng.choice([0, 1, 4]),
            self.restart: self.rng.choice([4, 15]),
        }

    def run(self, steps: int) -> None:
        acts = self.rng.choices(list(self.weights), list(self.weights.values()), k=steps)
        for act in acts:
            act()

    def heal(self) -> None:
        for node in range(len(self.cluster)):
            if not self.cluster.state(node)["is_up"]:
                self.cluster.restart(node)
        for _ in range(200):
            self.cluster.tick_all()
            for _ in range(10):
                self.cluster.deliver_all()
                for node in range(len(self.cluster)):
                    while self.cluster.write(node) or self.cluster.apply(node):
                        pass

    def any_up(self) -> int | None:
        node = self.rng.randrange(len(self.cluster))
        return node if self.cluster.state(node)["is_up"] else None

    def deliver(self) -> None:
        if self.cluster.message_count:
            self.cluster.deliver(self.rng.randrange(self.cluster.message_count))

    def repeat(self) -> None:
        if self.cluster.message_count:
            self.cluster.deliver(self.rng.randrange(self.cluster.message_count), keep=True)

    def drop(self) -> None:
        if self.cluster.message_count:
            self.cluster.drop(self.rng.randrange(self.cluster.message_count))

    def tick(self) -> None:
        if (node := self.any_up()) is not None:
            self.cluster.tick(node)

    def propose(self) -> None:
        if (node := self.any_up()) is not None:
            self.cluster.propose(node, f"p{self.rng.random()}")

    def write(self) -> None:
        if (node := self.any_up()) is not None:
            self.cluster.write(node)
            if self.rng.random() < 0.5 and self.cluster.state(node)["is_up"]:
                self.cluster.apply(node)

    def campaign(self) -> None:
        if (node := self.any_up()) is not None:
            self.cluster.campaign(node)

    def crash(self) -> None:
        if (node := self.any_up()) is not None:
            self.cluster.crash(node, writes_kept=self.rng.randrange(3))

    def restart(self) -> None:
        node = self.rng.randrange(len(self.cluster))
        if not self.cluster.state(node)["is_up"]:
            self.cluster.restart(node)


@pytest.mark.parametrize(
    "parameters",
    [{}, {"hold_writes": True, "hold_applies": True}, {"storage": "synchronous"}, {"check_quorum": False}],
    ids=["at-once", "held", "synchronous", "no-quorum-check"],
)
@pytest.mark.parametrize("seed", range(15))
def test_no_schedule_breaks_safety_and_all_agree_once_healed(seed: int, parameters: dict[str, Any]) -> None:
    schedule = Schedule(seed, **parameters)
    schedule.run(2000)
    cluster = schedule.cluster
    assert cluster.breach is None, f"seed {seed}: {cluster.breach}"
    schedule.heal()
    assert cluster.breach is None, f"seed {seed}: {cluster.breach}"
    assert cluster.leader is not None, f"seed {seed}: {cluster}"
    applied = [cluster.applied(node) for node in range(len(cluster))]
    assert all(one == applied[0] for one in applied), f"seed {seed}"


def test_reads_and_transfers() -> None:
    cluster = wt.RaftCluster(3, seed=7)
    leader = elected(cluster)
    assert cluster.read_index(leader, 42) == "asked"
    cluster.deliver_all()
    assert [read["context"] for read in cluster.take_reads()] == [42]
    other = (leader + 1) % 3
    assert cluster.transfer_leadership(leader, other) == "started"
    cluster.deliver_all()
    assert cluster.leader == other
    assert {row["node"] for row in cluster.peers(other)} == {0, 1, 2}


def test_equal_seeds_and_schedules_give_equal_facts() -> None:
    first, second = Schedule(9), Schedule(9)
    first.run(1000)
    second.run(1000)
    assert first.cluster.facts == second.cluster.facts


def test_misuse_is_an_exception_that_says_what_was_expected() -> None:
    cluster = wt.RaftCluster(3)
    with pytest.raises(ValueError, match="0 to 2"):
        cluster.tick(3)
    with pytest.raises(ValueError, match="none is under way"):
        cluster.deliver(0)
    with pytest.raises(ValueError, match="which is up"):
        cluster.restart(0)
    cluster.crash(0)
    with pytest.raises(ValueError, match="has crashed"):
        cluster.propose(0, "x")
    with pytest.raises(TypeError, match='did you mean "election_ticks"'):
        wt.RaftCluster(3, election_tick=5)
    cluster.campaign(1)
    message = cluster.messages[0]
    cluster.drop(message)
    with pytest.raises(ValueError, match="under way"):
        cluster.deliver(message)
