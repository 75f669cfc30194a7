"""Breakers and bulkheads, call by call."""

from __future__ import annotations

import numpy as np
import pytest

import windtunnel as wt


def fail(breaker: wt.Breaker, now: float, count: int, latency: float = 0.0) -> None:
    for _ in range(count):
        permit = breaker.admit(now)
        assert permit is not None
        breaker.settle(now + latency, permit, "failed")
        now += latency


def test_hystrix_opens_at_half_of_twenty_and_closes_after_one_good_probe() -> None:
    breaker = wt.Breaker("hystrix_1_5")
    for number in range(20):
        permit = breaker.admit(0.1 * number)
        assert permit is not None
        breaker.settle(0.1 * number, permit, number % 2 == 0)
    assert breaker.state == "open"
    assert breaker.admit(3.0) is None
    assert breaker.retry_at == pytest.approx(1.9 + 5)
    probe = breaker.admit(7.0)
    assert probe is not None and breaker.state == "half_open"
    assert breaker.admit(7.0) is None
    breaker.settle(7.1, probe)
    assert breaker.state == "closed"
    causes = [change["cause"] for change in breaker.take_transitions()]
    assert causes == ["error_ratio", "open_interval_over", "trial_passed"]


def test_gobreaker_opens_at_the_sixth_failure_in_a_row() -> None:
    breaker = wt.Breaker("gobreaker_2")
    fail(breaker, 0, 5)
    assert breaker.state == "closed" and breaker.consecutive_errors == 5
    fail(breaker, 0, 1)
    assert breaker.state == "open"


def test_slow_calls_open_it_too() -> None:
    breaker = wt.Breaker(error_ratio=None, slow_ratio=0.5, slow_after="100ms", slow_minimum=4, window_calls=10)
    for number in range(4):
        permit = breaker.admit(number)
        assert permit is not None
        breaker.settle(number + 0.2, permit, True)
    assert breaker.state == "open"


def test_open_intervals_grow_until_a_trial_passes() -> None:
    breaker = wt.Breaker("gobreaker_2", open_for=1, open_growth=2, open_for_max=8)
    fail(breaker, 0, 6)
    now = 0.0
    lengths = []
    for _ in range(5):
        retry_at = breaker.next_deadline
        assert retry_at is not None
        lengths.append(retry_at - now)
        now = retry_at
        fail(breaker, now, 1)
    assert lengths == pytest.approx([1, 2, 4, 8, 8])


def test_a_permit_settled_twice_or_elsewhere_does_nothing() -> None:
    breaker, other = wt.Breaker(), wt.Breaker()
    permit = breaker.admit(0)
    assert permit is not None
    with pytest.raises(ValueError, match="another breaker"):
        other.settle(0, permit)
    breaker.force(0, "open")
    assert breaker.settle(1, permit, "failed") == "stale"


def test_an_operator_forces_and_releases() -> None:
    breaker = wt.Breaker()
    breaker.force(0, "open")
    assert breaker.state == "forced_open" and breaker.admit(1) is None
    breaker.force(1, "metrics_only")
    fail(breaker, 1, 40)
    assert breaker.state == "metrics_only" and breaker.totals["would_trip"] > 0
    breaker.release(2)
    assert breaker.state == "closed"


def test_a_batch_decides_as_single_calls_do() -> None:
    rng = np.random.default_rng(1)
    now = np.cumsum(rng.exponential(0.05, 3000) + 0.01)
    succeeded = rng.random(3000) < np.where((now > 30) & (now < 60), 0.2, 0.99)
    batch, single = wt.Breaker(seed=1), wt.Breaker(seed=1)
    admitted = batch.admit_many(now, succeeded, 0.005)
    one_by_one = []
    for at, well in zip(now, succeeded):
        permit = single.admit(at)
        one_by_one.append(permit is not None)
        if permit is not None:
            single.settle(at + 0.005, permit, bool(well))
    assert list(admitted) == one_by_one
    assert 0 < (~admitted).sum() < 3000
    assert batch.totals == single.totals


def test_a_bulkhead_counts_each_resource() -> None:
    bulkhead = wt.Bulkhead(requests=2, retry_budget={"percent": 50, "minimum": 1})
    assert [bulkhead.admit() for _ in range(3)] == [True, True, False]
    assert bulkhead.overflows("request") == 1
    assert bulkhead.limit("retry") == 1
    bulkhead.settle()
    assert bulkhead.in_use() == 1
    with pytest.raises(ValueError, match="no connection in use"):
        bulkhead.settle("connection")
    with pytest.raises(ValueError, match='did you mean "request"'):
        bulkhead.admit("requets")  # type: ignore[arg-type]
