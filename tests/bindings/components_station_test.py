"""Stations and the limits around them."""

from __future__ import annotations

import numpy as np
import pytest

import windtunnel as wt


def poisson(rate: float, count: int, seed: int) -> np.ndarray:  # type: ignore[type-arg]
    return np.cumsum(np.random.default_rng(seed).exponential(1 / rate, count))


def test_a_queue_of_one_worker_waits_as_theory_says() -> None:
    """M/M/1 at 70 %: 1 / (mu - lambda) in the system."""
    station = wt.Station(work={"exponential": "10ms"}, queue_max=1_000_000, seed=1)
    columns = station.serve_many(poisson(70, 400_000, 2))
    sojourn = columns["ended"] - columns["arrived"]
    assert sojourn.mean() == pytest.approx(1 / 30, rel=0.05)
    assert station.counters["served"] == 400_000
    assert (columns["outcome"] == wt.Station.outcomes.index("served")).all()


def test_step_by_step_and_a_trace_are_the_same() -> None:
    arrivals = poisson(150, 2000, 3)
    trace = wt.Station(workers=2, work={"lognormal": {"median": "8ms", "p99": "60ms"}}, seed=4)
    columns = trace.serve_many(arrivals)
    steps = wt.Station(workers=2, work={"lognormal": {"median": "8ms", "p99": "60ms"}}, seed=4)
    for tag, at in enumerate(arrivals):
        steps.arrive(at, tag=tag)
    while (due := steps.next_deadline) is not None:
        steps.advance(max(due, arrivals[-1]))
    ended = {job["tag"]: job["ended"] for job in steps.finished()}
    assert [ended[tag] for tag in range(2000)] == list(columns["ended"])


@pytest.mark.parametrize("control", ["codel", "folly_codel", "queue_timeout"])
def test_delay_control_keeps_waits_short_under_overload(control: str) -> None:
    arrivals = poisson(200, 5000, 5)

    def waits(delay_control: str) -> float:
        station = wt.Station(work="10ms", queue_max=100_000, delay_control=delay_control)
        columns = station.serve_many(arrivals)
        served = columns["outcome"] == wt.Station.outcomes.index("served")
        return float(np.median((columns["started"] - columns["arrived"])[served]))

    assert waits(control) < 0.5 * waits("none")


def test_lifo_serves_the_newest_first() -> None:
    station = wt.Station(discipline="lifo", work=1)
    for tag in range(3):
        station.arrive(0, tag=tag)
    station.advance(10)
    assert [job["tag"] for job in station.finished()] == [0, 2, 1]


def test_urgent_jobs_displace_others_and_stale_ones_expire() -> None:
    station = wt.Station(work=1, queue_max=1, priorities=2)
    station.arrive(0, tag=0, priority=1)
    station.arrive(0, tag=1, priority=1)
    station.arrive(0, tag=2, priority=0, deadline=0.5)
    station.advance(5)
    outcomes = {job["tag"]: job["outcome"] for job in station.finished()}
    assert outcomes == {0: "served", 1: "displaced", 2: "expired"}


def test_a_slow_or_stalled_machine_takes_its_time() -> None:
    station = wt.Station(work=1)
    station.set_speed(0, 0.5)
    station.arrive(0)
    station.advance(1.9)
    assert station.busy == 1
    station.stall(1.9, 1)
    station.advance(2.8)
    assert station.is_stalled
    station.advance(3.1)
    (job,) = station.finished()
    assert job["ended"] == pytest.approx(3.0)


def test_a_concurrency_limit_grows_while_latency_stays() -> None:
    limiter = wt.ConcurrencyLimiter("vegas", initial=10)
    now = 0.0
    for _ in range(400):
        permits = []
        while (permit := limiter.admit(now)) is not None:
            permits.append(permit)
        now += 0.01
        for permit in permits:
            limiter.settle(now, permit)
    assert limiter.limit(now) > 10
    assert limiter.in_flight == 0
    with pytest.raises(ValueError, match="settled before"):
        limiter.settle(now, permits[0])


def test_aimd_backs_off_at_drops() -> None:
    limiter = wt.ConcurrencyLimiter("aimd", initial=10)
    permit = limiter.admit(0)
    assert permit is not None
    limiter.settle(0.1, permit, "dropped")
    assert limiter.limit(1) == 9


def test_partitions_have_what_is_guaranteed() -> None:
    limiter = wt.ConcurrencyLimiter("aimd", initial=10, shares=[0.7, 0.3])
    assert [limiter.guaranteed(0, partition) for partition in (0, 1)] == [7, 3]
    taken = [limiter.admit(0, 0) for _ in range(12)]
    assert sum(permit is not None for permit in taken) == 10
    assert limiter.admit(0, 1) is not None


def test_a_throttle_sends_twice_what_is_accepted() -> None:
    """Site Reliability Engineering, chapter 21: a client sends K times what the service accepts."""
    throttle = wt.Throttle("sre", k=2, window=20, seed=1)
    service = wt.Limiter("token_bucket", rate=100, burst=10)
    sent = accepted = 0
    for number in range(100_000):
        now = number * 1e-3
        if throttle.admit(now):
            well = bool(service.admit(now))
            throttle.settle(now, well)
            sent += now > 50
            accepted += now > 50 and well
    assert accepted == pytest.approx(5000, rel=0.02)
    assert sent / accepted == pytest.approx(2, rel=0.05)
    assert throttle.rejection_probability(100) == pytest.approx(0.8, abs=0.02)


def test_envoys_admission_control_rejects_at_most_its_maximum() -> None:
    throttle = wt.Throttle("envoy_admission_control", rejection_maximum=0.5)
    throttle.admit_many(np.linspace(0, 10, 10_000), False)
    assert throttle.rejection_probability(10) == pytest.approx(0.5)


def test_dagor_lowers_its_level_under_queueing() -> None:
    admission = wt.DagorAdmission(window_requests=100)
    highest = admission.level
    now = 0.0
    for number in range(1000):
        now += 0.001
        if admission.admit(now, number % 64, number % 128):
            admission.observe(now, 0.1)
    assert admission.is_restrictive
    assert admission.level < highest


def test_shares_are_max_min_fair() -> None:
    assert wt.quota_shares(10, [2, 8, 8]) == [2, 4, 4]
    assert wt.quota_shares(10, [9, 9, 9], algorithm="fixed_share", fixed_share=3) == [3, 3, 3]
    with pytest.raises(ValueError, match="one for each"):
        wt.quota_shares(10, [1, 2], [1])


def test_leases_never_exceed_the_capacity() -> None:
    server = wt.QuotaServer(capacity=100, clients_max=10, predecessor_lease_length=0)
    clients = [wt.QuotaClient(id=number) for number in range(4)]
    for client in clients:
        client.set_wants(50)
    for step in range(60):
        now = step * 0.5
        for client in clients:
            request = client.poll(now)
            if request is not None and (response := server.step(now, request)) is not None:
                client.step(now, response)
        assert sum(client.quota(now) for client in clients) <= 100
    assert sum(client.quota(now) for client in clients) == 100
