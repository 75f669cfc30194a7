"""Retries: waits, budgets, policies and hedges."""

from __future__ import annotations

import numpy as np
import pytest

import windtunnel as wt


def test_backoff_doubles_up_to_its_maximum() -> None:
    backoff = wt.Backoff(initial="100ms", max=1, jitter="none")
    assert list(backoff.next_many(6)) == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.0, 1.0])
    backoff.reset()
    assert backoff.next() == pytest.approx(0.1)


@pytest.mark.parametrize("preset", sorted(wt.Backoff.presets()))
def test_waits_stay_within_the_preset(preset: str) -> None:
    values = wt.Backoff.presets()[preset]
    bound = values["max"] * (1 + values["spread"] if values["jitter"] == "proportional" else 1)
    waits = wt.Backoff(preset, seed=3).next_many(200)
    assert (waits >= 0).all() and (waits <= bound + 1e-9).all()
    assert (waits == wt.Backoff(preset, seed=3).next_many(200)).all()


def test_a_budget_of_twenty_percent_lets_a_fifth_retry() -> None:
    budget = wt.RetryBudget("finagle", ratio=0.2, retries_per_second_min=0)
    for number in range(1000):
        budget.attempt_started(number * 1e-3)
        budget.attempt_ended(number * 1e-3, "unavailable")
    retries = 0
    while budget.try_withdraw(1.0) is not None:
        retries += 1
    assert retries == 200


def test_grpcs_throttle_stops_below_half() -> None:
    budget = wt.RetryBudget("grpc")
    allowed = []
    for number in range(8):
        budget.attempt_started(number)
        budget.attempt_ended(number, "unavailable")
        allowed.append(budget.try_withdraw(number) is not None)
    assert allowed == [True] * 4 + [False] * 4


def test_an_active_budget_follows_what_is_under_way() -> None:
    budget = wt.RetryBudget("active", percent=20, minimum=1)
    for _ in range(20):
        budget.attempt_started(0)
    taken = [budget.try_withdraw(0) for _ in range(5)]
    assert [one is not None for one in taken] == [True] * 4 + [False]
    assert taken[0] is not None
    budget.cancel(0, taken[0])
    assert budget.try_withdraw(0) is not None


def test_a_policy_retries_until_attempts_or_time_run_out() -> None:
    policy = wt.RetryPolicy(attempts_max=3, backoff={"initial": 0.1, "jitter": "none"}, deadline=10)
    assert policy.begin_attempt(0) == 10
    assert policy.settle(1, "unavailable") == pytest.approx(0.1)
    policy.begin_attempt(1.1)
    assert policy.settle(2, "timed_out") == pytest.approx(0.2)
    policy.begin_attempt(2.2)
    assert policy.settle(3, "unavailable") == "attempts_exhausted"
    assert wt.RetryPolicy(retryable=["throttled"]).parameters["retryable"] == ["throttled"]


def test_a_policy_heeds_pushback_and_commitment() -> None:
    policy = wt.RetryPolicy("grpc")
    policy.begin_attempt(0)
    assert policy.settle(0.1, "unavailable", pushback=2.5) == pytest.approx(2.5)
    policy.begin_attempt(3)
    assert policy.settle(4, "unavailable", pushback=-1) == "pushback"
    committed = wt.RetryPolicy()
    committed.begin_attempt(0)
    assert committed.settle(1, "unavailable", committed=True) == "committed"


def test_a_policy_asks_its_budget() -> None:
    budget = wt.RetryBudget("finagle", ratio=0, retries_per_second_min=0)
    policy = wt.RetryPolicy(budget=budget)
    del budget
    policy.begin_attempt(0)
    assert policy.settle(1, "unavailable") == "budget"


def test_a_hedge_sends_copies_and_calls_the_slower_ones_off() -> None:
    hedge = wt.Hedging(attempts_max=3, delay=0.1)
    assert hedge.start(0) == [("send", 0)]
    assert hedge.next_timer == pytest.approx(0.1)
    assert hedge.on_timer(0.1) == [("send", 1)]
    assert hedge.on_timer(0.2) == [("send", 2)]
    actions = hedge.on_result(0.25, 1, "succeeded")
    assert ("succeeded", 1) in actions and {("cancel", 0), ("cancel", 2)} <= set(actions)
    assert hedge.is_finished


def test_the_quantile_of_recent_latencies() -> None:
    quantile = wt.LatencyQuantile(quantile="90%", before_that=9)
    assert quantile.at(0) == 9
    for number, latency in enumerate(np.linspace(0.001, 0.1, 100)):
        quantile.observe(number * 1e-3, latency)
    assert quantile.at(0.1) == pytest.approx(0.09, rel=0.1)


def test_misuse_is_an_exception() -> None:
    with pytest.raises(ValueError, match='did you mean "finagle"'):
        wt.RetryBudget("finagel")
    with pytest.raises(ValueError, match="no attempt under way"):
        wt.RetryBudget().attempt_ended(0)
    with pytest.raises(RuntimeError, match="an attempt ends once"):
        wt.RetryPolicy().settle(0, "succeeded")
    with pytest.raises(RuntimeError, match="only what was sent"):
        wt.Hedging().on_result(0, 3, "succeeded")
    with pytest.raises(ValueError, match="jitter"):
        wt.Backoff(jitter="ful")
