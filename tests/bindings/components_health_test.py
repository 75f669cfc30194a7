"""Health: outliers, suspicion, probes, membership."""

from __future__ import annotations

import heapq
import itertools
import math

import numpy as np
import pytest

import windtunnel as wt

HOSTS = [f"10.0.0.{i}:80" for i in range(5)]


def test_envoys_own_example_gives_52() -> None:
    """outlier_detection_impl.cc, comment of successRateEjectionThreshold."""
    found = wt.success_rate_threshold([50, 100, 100, 100, 100])
    assert found == {"mean": 90, "deviation": 20, "threshold": 52}


def test_the_example_ejects_at_the_sweep_with_the_numbers_behind_it() -> None:
    detector = wt.OutlierDetector(HOSTS, max_ejection_percent=50, consecutive_5xx={"threshold": 1000})
    detector.report(3, HOSTS[0], 200, count=50)
    detector.report(3, HOSTS[0], 500, count=50)
    for host in HOSTS[1:]:
        detector.report(3, host, 200, count=100)
    assert detector.ejected == []
    detector.advance(10)
    assert detector.ejected == [HOSTS[0]]
    (event,) = detector.take_events()
    assert (event["cause"], event["value"], event["threshold"]) == ("success_rate", 50, 52)
    detector.advance(40)
    assert detector.ejected == []
    assert [event["action"] for event in detector.take_events()] == ["returned"]


def test_five_errors_in_a_row_eject_at_once() -> None:
    detector = wt.OutlierDetector(HOSTS, max_ejection_percent=100)
    detector.report(1, HOSTS[1], 503, count=4)
    assert not detector.is_ejected(HOSTS[1])
    detector.report(1, HOSTS[1], False)
    assert detector.is_ejected(HOSTS[1])
    assert detector.backoff(HOSTS[1]) == 1


def test_phi_is_exact_in_the_tail() -> None:
    """A regular peer: mean 1 s, deviation the minimum of 100 ms; z deviations of silence."""
    detector = wt.PhiAccrual(acceptable_pause=0)
    for beat in range(1002):
        detector.heartbeat(1000.0 + beat)
    last = 2001.0
    z = np.array([4.0, 5.0, 6.0])
    expected = [4.49933490755647886, 6.5426456723906545, 9.00586432747670421]
    assert detector.phi(last + 1 + z * 0.1) == pytest.approx(expected, abs=1e-5)
    assert detector.phi(last + 4) == pytest.approx(197.309209261660949, abs=1e-3)
    assert detector.phi(detector.suspected_at) == pytest.approx(8, abs=1e-5)
    assert detector.is_available(last + 1)


def test_nobody_suspects_whom_it_never_heard() -> None:
    detector = wt.PhiAccrual()
    assert detector.phi(1e5) == 0
    assert math.isinf(detector.suspected_at)


def test_envoys_health_check_believes_the_third_timeout_and_the_second_success() -> None:
    check = wt.HealthCheck(interval=1, timeout=0.5, no_traffic_interval=1)

    def changes(succeeded: bool, count: int) -> list[str]:
        outcomes: list[str] = []
        while len(outcomes) < count:
            due = check.advance(check.next_deadline)
            if due is not None:
                attempt, deadline = due
                if succeeded:
                    outcomes.append(check.succeed(deadline - 0.4, attempt))
                else:
                    outcomes.append(check.fail(deadline, attempt, "network_timeout"))
        return outcomes

    assert changes(True, 1) == ["changed"]
    assert changes(False, 3) == ["change_pending", "change_pending", "changed"]
    assert not check.is_healthy
    assert changes(True, 2) == ["change_pending", "changed"]
    assert check.is_healthy


def test_a_kubelet_restarts_what_fails_its_liveness_probe() -> None:
    probes = wt.ContainerProbes(liveness={"period": 10}, readiness={"period": 5})
    for _ in range(50):
        now = probes.next_deadline
        for kind, attempt, _ in probes.advance(now):
            probes.settle(now, kind, attempt, kind == "readiness")
        if probes.wants_restart:
            break
    assert probes.wants_restart
    assert probes.is_ready
    probes.restart(now + 1)
    assert not probes.wants_restart


def converge(members: dict[int, wt.Swim], until: float, dead: frozenset[int] = frozenset()) -> None:
    """Delivers all messages 1 ms after they were sent; `dead` members hear and say nothing."""
    number = itertools.count()
    network: list[tuple[float, int, wt.SwimMessage]] = []

    def send(now: float, messages: list[wt.SwimMessage]) -> None:
        for message in messages:
            heapq.heappush(network, (now + 0.001, next(number), message))

    while True:
        alive = [member for member in members if member not in dead]
        due = min(alive, key=lambda member: members[member].next_deadline)
        at = members[due].next_deadline
        if network and network[0][0] <= at:
            at, _, message = heapq.heappop(network)
            if message.receiver not in dead:
                send(at, members[message.receiver].step(at, message))
        elif at > until:
            return
        else:
            send(at, members[due].advance(at))


def test_swim_finds_the_dead_member_and_nobody_else() -> None:
    members = {member: wt.Swim(member, seed=1) for member in range(5)}
    for member, swim in members.items():
        for other in members:
            if other != member:
                swim.add_member(0, other)
    converge(members, 10)
    assert all(swim.state_of(other) == "alive" for swim in members.values() for other in members)
    converge(members, 35, dead=frozenset({3}))
    for member in (0, 1, 2, 4):
        assert members[member].state_of(3) == "dead"
        assert [e["member"] for e in members[member].take_events() if e["state"] == "dead"] == [3]


def test_a_backup_takes_over_after_three_intervals_and_its_skew() -> None:
    """RFC 9568, section 6.1: 3.609375 s for priority 100 at one second."""
    active = wt.VrrpRouter(priority=255)
    backup = wt.VrrpRouter(priority=100)
    sent = active.start(0)
    assert active.state == "active" and sent is not None and sent.priority == 255
    backup.start(0)
    backup.step(0.0, sent)
    assert backup.state == "backup"
    assert backup.down_interval == 3.609375
    assert backup.next_deadline == pytest.approx(3.609375)
    backup.advance(3.609375)
    assert backup.state == "active"
    goodbye = active.shutdown(4)
    assert goodbye is not None and goodbye.priority == 0
