"""Every policy, kind and preset that is listed can be made, with its defaults and with each parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import windtunnel as wt


def balancer_of(policy: str) -> Callable[..., wt.Balancer]:
    return lambda **parameters: wt.Balancer(policy, ["10.0.0.1:80", "10.0.0.2:80"], **parameters)


def named(make: Callable[..., Any], name: str) -> Callable[..., Any]:
    return lambda **parameters: make(name, **parameters)


def components() -> Iterator[tuple[str, Callable[..., Any], dict[str, Any]]]:
    for policy, parameters in wt.Balancer.policies().items():
        yield f"Balancer-{policy}", balancer_of(policy), parameters
    tables: list[tuple[Any, dict[str, dict[str, Any]]]] = [
        (wt.Breaker, wt.Breaker.presets()),
        (wt.Limiter, wt.Limiter.kinds()),
        (wt.KeyedLimiter, wt.Limiter.kinds()),
        (wt.RetryBudget, wt.RetryBudget.kinds()),
        (wt.Backoff, wt.Backoff.presets()),
        (wt.RetryPolicy, wt.RetryPolicy.presets()),
        (wt.ConcurrencyLimiter, wt.ConcurrencyLimiter.kinds()),
        (wt.Throttle, wt.Throttle.kinds()),
    ]
    for make, table in tables:
        for name, parameters in table.items():
            yield f"{make.__name__}-{name}", named(make, name), parameters
    singles: list[Any] = [
        wt.Bulkhead,
        wt.Hedging,
        wt.LatencyQuantile,
        wt.RaftCluster,
        wt.Station,
        wt.DagorAdmission,
        wt.OutlierDetector,
        wt.PhiAccrual,
        wt.HealthCheck,
        wt.ContainerProbes,
        wt.Swim,
        wt.VrrpRouter,
        wt.QuotaServer,
        wt.QuotaClient,
    ]
    for make in singles:
        yield make.__name__, make, make.defaults()


COMPONENTS = list(components())
EACH_PARAMETER = [
    pytest.param(make, name, value, id=f"{component}-{name}")
    for component, make, parameters in COMPONENTS
    for name, value in parameters.items()
]


@pytest.mark.parametrize(("make", "parameters"), [pytest.param(m, p, id=c) for c, m, p in COMPONENTS])
def test_is_made_with_its_defaults(make: Callable[..., Any], parameters: dict[str, Any]) -> None:
    made = make()
    given = {name: made.parameters[name] for name in parameters}
    assert given == parameters
    assert repr(made)
    again = make(**parameters)
    assert again.parameters == made.parameters


@pytest.mark.parametrize(("make", "name", "value"), EACH_PARAMETER)
def test_takes_each_parameter(make: Callable[..., Any], name: str, value: Any) -> None:
    assert make(**{name: value}).parameters[name] == value


@pytest.mark.parametrize(("make", "name", "value"), EACH_PARAMETER)
def test_refuses_a_value_of_another_type(make: Callable[..., Any], name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=name):
        make(**{name: object()})


@pytest.mark.parametrize(("make", "name", "value"), EACH_PARAMETER)
@pytest.mark.parametrize("extreme", [0, 1, 2**31, 2**64 - 1, -1, 0.5, 1e300, float("inf"), "", None])
def test_an_extreme_value_is_taken_or_refused_by_an_exception(
    make: Callable[..., Any], name: str, value: Any, extreme: Any
) -> None:
    if isinstance(extreme, int) and extreme >= 2**31 and name in SIZES:
        pytest.skip("asks for as much memory as it says")
    try:
        repr(make(**{name: extreme}))
    except (TypeError, ValueError):
        pass


#: Parameters that memory is taken by.
SIZES = {
    "buckets",
    "choice_count",
    "draws",
    "half_open",
    "inflight_max",
    "keys_max",
    "limit",
    "places_per_weight",
    "points_per_weight",
    "pool_size",
    "ring_size_max",
    "ring_size_min",
    "table_size",
    "window_calls",
    "workers",
}


@pytest.mark.parametrize(("make", "parameters"), [pytest.param(m, p, id=c) for c, m, p in COMPONENTS])
def test_refuses_an_unknown_parameter_and_names_a_near_one(
    make: Callable[..., Any], parameters: dict[str, Any]
) -> None:
    name = max(parameters, key=len, default="")
    if name:
        with pytest.raises(TypeError, match=f'did you mean "{name}"'):
            make(**{name + "x": 1})
    with pytest.raises(TypeError, match='found the parameter "nonsense"'):
        make(nonsense=1)
