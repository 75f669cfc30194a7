"""Limiters keep their bounds on traces of any shape."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

import windtunnel as wt


def random_trace(seed: int, count: int) -> list[float]:
    rng = random.Random(seed)
    now, trace = 0.0, []
    for _ in range(count):
        now += rng.choice([0.0, rng.expovariate(500), rng.expovariate(5)])
        trace.append(round(now, 9))
    return trace


@pytest.mark.parametrize("kind", ["token_bucket", "gcra"])
@pytest.mark.parametrize("seed", range(10))
def test_never_admits_more_than_burst_and_rate_allow(kind: str, seed: int) -> None:
    """Over every stretch [s, t] at most burst + rate * (t - s)."""
    rng = random.Random(seed)
    rate, burst = rng.choice([1, 7, 100]), rng.choice([1, 5, 20])
    limiter = wt.Limiter(kind, rate=rate, burst=burst)
    trace = random_trace(seed, 400)
    admitted = [at for at in trace if limiter.admit(at)]
    for first in range(len(admitted)):
        for last in range(first, len(admitted)):
            length = admitted[last] - admitted[first]
            assert last - first + 1 <= burst + rate * length + 1e-6


@pytest.mark.parametrize("kind", ["token_bucket", "gcra", "pacer", "fixed_window", "sliding_counter", "sliding_log"])
def test_a_refusal_says_when_to_come_back(kind: str) -> None:
    limiter = wt.Limiter(kind)
    now = 0.0
    for _ in range(300):
        decision = limiter.admit(now)
        if not decision:
            assert decision.retry_after > 0
            assert limiter.peek(now + decision.retry_after + 1e-9)
            now += decision.retry_after + 1e-9
    assert now > 0


def test_token_buckets_and_gcra_are_one_limiter() -> None:
    bucket, gcra = (wt.Limiter(kind, rate=10, burst=3) for kind in ("token_bucket", "gcra"))
    trace = random_trace(3, 2000)
    assert (bucket.admit_many(trace) == gcra.admit_many(trace)).all()


def test_sliding_log_is_exact() -> None:
    limiter = wt.Limiter("sliding_log", limit=5, window=1)
    admitted = [at for at in random_trace(4, 1000) if limiter.admit(at)]
    for at in admitted:
        assert sum(at - 1 < other <= at for other in admitted) <= 5


def test_a_pacer_spaces_what_it_admits() -> None:
    limiter = wt.Limiter("pacer", rate=10, wait_max=0.5)
    waits = limiter.wait_many(np.zeros(8))
    assert waits[:6] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert all(math.isnan(wait) for wait in waits[6:])


def test_nginx_refuses_beyond_its_burst_and_delays_within() -> None:
    limiter = wt.Limiter("nginx_limit_req", rate="10/s", burst=2)
    decisions = [limiter.admit(1.0) for _ in range(4)]
    assert [bool(decision) for decision in decisions] == [True, True, True, False]
    assert [decision.wait for decision in decisions[:3]] == pytest.approx([0, 0.1, 0.2])
    nodelay = wt.Limiter("nginx_limit_req", rate="10/s", burst=2, nodelay=True)
    assert [nodelay.admit(1.0).wait for _ in range(3)] == [0, 0, 0]


def test_sentinels_warm_up_begins_at_a_third() -> None:
    limiter = wt.Limiter("sentinel_warm_up", count=90, warm_up_seconds=10)
    cold = limiter.admit_many(np.linspace(1, 1.999, 200)).sum()
    warm = sum(limiter.admit_many(np.linspace(t, t + 0.999, 200)).sum() for t in range(2, 30))
    last = limiter.admit_many(np.linspace(30, 30.999, 200)).sum()
    assert cold == pytest.approx(30, abs=2)
    assert warm > 0
    assert last == 90


def test_a_rate_is_kept_exactly() -> None:
    limiter = wt.Limiter("token_bucket", rate=(1, 3), burst=1)
    assert limiter.admit(0)
    assert not limiter.admit(2.999999999)
    assert limiter.admit(3)
    for rate in (0.1, 0.5, "30/m", 2.5, 1e6):
        wt.Limiter("gcra", rate=rate, burst=1)
    with pytest.raises(ValueError, match="events a second"):
        wt.Limiter("gcra", rate=math.pi, burst=1)
    with pytest.raises(ValueError, match="rate"):
        wt.Limiter("gcra", rate=0)


def test_critical_requests_have_a_reserve() -> None:
    limiter = wt.Limiter("priority_reserve", rate=1, burst=5, reserved=2)
    assert [bool(limiter.admit(0)) for _ in range(4)] == [True, True, True, False]
    assert limiter.admit(0, priority="critical")
    with pytest.raises(ValueError, match="priority_reserve"):
        wt.Limiter("gcra").admit(0, priority="critical")


def test_concurrency_is_given_back() -> None:
    limiter = wt.Limiter("concurrency", limit=2)
    assert limiter.admit(0) and limiter.admit(0) and not limiter.admit(0)
    limiter.settle()
    assert limiter.admit(0)
    with pytest.raises(ValueError, match="under way"):
        limiter.settle(3)


def test_a_dry_run_admits_all_and_counts() -> None:
    limiter = wt.Limiter("token_bucket", rate=1, burst=2, dry_run=True)
    assert limiter.admit_many(np.zeros(5)).all()
    assert limiter.state["would_admit"] == 2 and limiter.state["would_refuse"] == 3


def test_each_key_has_its_own_limiter_until_room_runs_out() -> None:
    limiter = wt.KeyedLimiter("token_bucket", rate=1, burst=1, keys_max=2)
    assert limiter.admit(0, "a") and limiter.admit(0, "b")
    assert not limiter.admit(0, "a")
    assert limiter.admit(0, "c")
    assert "b" not in limiter and len(limiter) == 2
    assert limiter.evicted == 1 and limiter.forgotten == 1


def test_a_tree_of_buckets_names_the_level_that_refuses() -> None:
    tree = wt.HierarchicalLimiter()
    tree.add("tenant", 10, 3)
    tree.add("method", 100, 100, parent="tenant")
    assert all(tree.admit(0, "method")[0] for _ in range(3))
    decision, refused_by = tree.admit(0, "method")
    assert not decision and refused_by == "tenant"
    assert tree.available(0, "method") == 97
    with pytest.raises(ValueError, match='did you mean "tenant"'):
        tree.admit(0, "tennant")


def test_admitting_in_batches_changes_nothing() -> None:
    trace = random_trace(5, 1000)
    for kind in wt.Limiter.kinds():
        batch, single = wt.Limiter(kind), wt.Limiter(kind)
        assert list(batch.admit_many(trace)) == [bool(single.admit(at)) for at in trace], kind
