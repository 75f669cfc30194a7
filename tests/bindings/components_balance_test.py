"""Balancers through Python decide as the C++ tests' published vectors say."""

from __future__ import annotations

import itertools
import math
import random
from typing import Any

import numpy as np
import pytest

import windtunnel as wt

POLICIES = wt.Balancer.policies()
HASHED = ["ring_hash", "maglev", "bounded_hash", "rendezvous", "nginx_hash", "nginx_ketama", "haproxy_map"]


def local_ports(first: int, count: int) -> list[str]:
    return [f"127.0.0.1:{port}" for port in range(first, first + count)]


def slots_of(balancer: wt.Balancer, hashes: range) -> list[int]:
    return [int(place) for place in balancer.pick_many(0, hashes=np.array(hashes, dtype=np.uint64))]


def test_nginx_gives_its_smooth_sequence() -> None:
    endpoints: list[str | dict[str, Any]] = [{"address": "a", "weight": 5}, "b", "c"]
    balancer = wt.Balancer("nginx_round_robin", endpoints)
    assert "".join(str(balancer.pick(0)) for _ in range(7)) == "aabacaa"


def test_maglev_builds_envoys_table() -> None:
    """maglev_lb_test.cc, Basic."""
    balancer = wt.Balancer("maglev", local_ports(90, 6), table_size=7)
    assert slots_of(balancer, range(21)) == [2, 4, 0, 1, 5, 0, 3] * 3


def test_maglev_gives_slots_by_weight() -> None:
    """maglev_lb_test.cc, Weighted."""
    endpoints: list[dict[str, Any]] = [{"address": "127.0.0.1:90"}, {"address": "127.0.0.1:91", "weight": 2}]
    balancer = wt.Balancer("maglev", endpoints, table_size=17)
    assert slots_of(balancer, range(17)) == [1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1]


def test_maglev_avoids_tried_hosts_as_envoy_does() -> None:
    """maglev_lb_test.cc, BasicWithRetryHostPredicate."""
    ports = local_ports(90, 6)
    balancer = wt.Balancer("maglev", ports, table_size=7, selection_retries_max=2)
    assert balancer.pick(0, hash=10) == ports[1]
    assert balancer.pick(0, hash=10, tried=[ports[1]]) == ports[0]
    assert balancer.pick(0, hash=10, tried=ports) == ports[5]


@pytest.mark.parametrize(
    ("place", "owner"),
    [(0, 4), (2**64 - 1, 4), (3551244743356806947, 5), (3551244743356806948, 3), (16117243373044804880, 0)],
)
def test_ring_hash_places_as_envoys_ring(place: int, owner: int) -> None:
    """ring_hash_lb_test.cc, Basic."""
    ports = local_ports(90, 6)
    balancer = wt.Balancer("ring_hash", ports, ring_size_min=12)
    assert balancer.pick(0, hash=place) == ports[owner]


@pytest.mark.parametrize("policy", HASHED)
def test_equal_keys_go_to_equal_endpoints(policy: str) -> None:
    endpoints = [f"10.0.0.{i}:80" for i in range(9)]
    first, second = (wt.Balancer(policy, endpoints, seed=seed) for seed in (1, 2))
    for number in range(50):
        key = f"user-{number}"
        assert first.pick(0, key, begin=False) == second.pick(0, key, begin=False)


def test_bounded_hash_never_exceeds_the_papers_bound() -> None:
    balancer = wt.Balancer("bounded_hash", [f"10.0.0.{i}:80" for i in range(7)], load_percent_max=120)
    for placed in range(1, 200):
        balancer.pick(0, "the same key")
        assert int(balancer.active.max()) <= math.ceil(1.2 * placed / 7)


def test_least_request_shifts_load_from_a_slow_host() -> None:
    endpoints = [f"10.0.0.{i}:80" for i in range(5)]
    now = np.arange(50_000) * 1e-4
    latency = np.full((now.size, 5), 0.002)
    latency[:, 0] = 0.020
    shares = {}
    for policy in ("round_robin", "least_request", "peak_ewma"):
        balancer = wt.Balancer(policy, endpoints, seed=3)
        picked = balancer.pick_many(now, latency=latency)
        shares[policy] = np.bincount(picked, minlength=5)[0] / now.size
    assert shares["round_robin"] == pytest.approx(0.2, abs=1e-3)
    assert shares["least_request"] < 0.1
    assert shares["peak_ewma"] < 0.1


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_a_batch_decides_as_single_picks_do(policy: str) -> None:
    endpoints = [f"10.0.0.{i}:80" for i in range(6)]
    rng = random.Random(policy)
    now = np.cumsum([rng.expovariate(1000) for _ in range(300)])
    keys = [f"k{rng.randrange(40)}" for _ in range(300)]
    batch, single = (wt.Balancer(policy, endpoints, seed=4) for _ in range(2))
    picked = [endpoints[place] for place in batch.pick_many(now, keys)]
    one_by_one = []
    for at, key in zip(now, keys):
        address = single.pick(at, key)
        assert address is not None
        single.done(at, address, latency=0)
        one_by_one.append(address)
    assert picked == one_by_one


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_no_pick_goes_to_an_unhealthy_endpoint_and_loads_return_to_zero(policy: str) -> None:
    endpoints: list[dict[str, Any]] = [{"address": f"10.0.0.{i}:80"} for i in range(6)]
    endpoints[2]["health"] = "unhealthy"
    balancer = wt.Balancer(policy, endpoints, seed=5)
    picked = balancer.pick_many(np.arange(500) * 1e-3, [f"k{i}" for i in range(500)], latency=0.01)
    assert 2 not in set(picked)
    assert int(balancer.active.sum()) > 0
    balancer.pick(1.0, "last", begin=False)
    assert int(balancer.active.sum()) == 0


def test_panic_believes_nobody() -> None:
    endpoints = [{"address": f"h{i}", "health": "healthy" if i == 0 else "unhealthy"} for i in range(4)]
    assert wt.Balancer("round_robin", endpoints, panic_percent=0).pick(0) == "h0"
    picked = wt.Balancer("round_robin", endpoints).pick_many(np.zeros(100))
    assert set(picked) == {0, 1, 2, 3}
    refusing = wt.Balancer("round_robin", endpoints, panic="fail")
    assert refusing.pick(0) is None
    assert refusing.counts["nobody"] == 1


def test_priorities_spill_as_envoy_documents() -> None:
    """Overprovisioning 1.4: 50 % of priority 0 healthy carries 70 % of the load."""
    endpoints = [{"address": f"p0-{i}", "health": "healthy" if i < 5 else "unhealthy"} for i in range(10)]
    spare = [{"address": f"p1-{i}", "priority": 1} for i in range(10)]
    balancer = wt.Balancer("round_robin", [*endpoints, *spare], seed=6)
    assert [load["healthy"] for load in balancer.priority_loads] == [70, 30]
    picked = balancer.pick_many(np.zeros(10_000))
    assert np.mean(picked < 10) == pytest.approx(0.7, abs=0.02)


def test_subsets_and_sticky_hosts_come_before_balancing() -> None:
    endpoints = [
        {"address": f"{stage}-{i}", "labels": {"stage": stage}} for stage in ("canary", "prod") for i in range(3)
    ]
    subsets = {"selectors": [{"keys": ["stage"]}], "fallback": "any_endpoint"}
    balancer = wt.Balancer("random", endpoints, subsets=subsets)
    for _ in range(20):
        address = balancer.pick(0, subset={"stage": "canary"})
        assert address is not None and address.startswith("canary")
    assert balancer.pick(0, sticky="prod-2") == "prod-2"


def test_zone_aware_routing_stays_in_its_zone() -> None:
    endpoints = [{"address": f"{zone}{i}", "zone": zone} for zone in "ab" for i in range(6)]
    balancer = wt.Balancer("round_robin", endpoints, zone_aware=True, zone="a")
    balancer.update_local_cluster([{"address": f"proxy-{zone}", "zone": zone} for zone in "ab"])
    picked = balancer.pick_many(np.zeros(1000))
    assert (picked < 6).all()
    assert balancer.counts["local_zone"] == 1000


def test_slow_start_gives_a_newcomer_its_share_in_time() -> None:
    balancer = wt.Balancer("round_robin", ["a", "b"], slow_start=10, slow_start_share_min=0.1, now=0)
    balancer.pick_many(np.full(100, 100.0))
    balancer.update(100, ["a", "b", "new"])
    early = np.mean(balancer.pick_many(np.full(1000, 100.5)) == 2)
    balancer.update(120, ["a", "b", {"address": "new", "weight": 1}, "c"])
    late = np.mean(balancer.pick_many(np.full(1000, 135.0)) == 2)
    assert early < 0.1 < late


def test_an_update_keeps_the_loads_of_known_addresses() -> None:
    balancer = wt.Balancer("least_request", ["a", "b"])
    address = balancer.pick(0)
    assert address is not None
    balancer.update(1, ["c", address])
    assert balancer.addresses == ["c", address]
    assert list(balancer.active) == [0, 1]
    balancer.done(2, address)
    assert list(balancer.active) == [0, 0]


def test_prequal_prefers_the_cold_endpoint_it_has_probed() -> None:
    balancer = wt.Balancer("prequal", ["slow", "fast", "busy"], seed=1)
    assert set(balancer.probe_targets()) <= {"slow", "fast", "busy"}
    for _ in range(7):
        balancer.learn_probe(0, "slow", in_flight=1, latency=0.5)
        balancer.learn_probe(0, "fast", in_flight=1, latency=0.01)
    balancer.learn_probe(0, "busy", in_flight=50, latency=0.001)
    assert balancer.pick(0.001) == "fast"
    with pytest.raises(TypeError, match="prequal"):
        wt.Balancer("random", ["a"]).probe_targets()


def test_grpc_weights_follow_reported_loads() -> None:
    balancer = wt.Balancer("grpc_weighted_round_robin", ["a", "b"], blackout_period=0)
    for at in (0.0, 1.0, 2.0):
        balancer.report_load(at, "a", queries_per_second=300, utilization=0.5)
        balancer.report_load(at, "b", queries_per_second=100, utilization=0.5)
        balancer.pick_many(np.array([at]))
    picked = balancer.pick_many(np.full(4000, 3.5))
    assert np.mean(picked == 0) == pytest.approx(0.75, abs=0.01)


def test_callers_of_a_deterministic_subset_cover_all_endpoints_evenly() -> None:
    chosen = [wt.deterministic_subset(12, 3, caller) for caller in range(8)]
    counts = np.bincount(list(itertools.chain.from_iterable(chosen)), minlength=12)
    assert set(counts) == {2}


def test_equal_seeds_give_equal_picks() -> None:
    def picks(seed: int) -> list[int]:
        balancer = wt.Balancer("least_request", [f"h{i}" for i in range(9)], seed=seed)
        return [int(place) for place in balancer.pick_many(np.arange(200) * 1e-3, latency=0.02)]

    assert picks(1) == picks(1)
    assert picks(1) != picks(2)


def test_misuse_is_an_exception_that_says_what_was_expected() -> None:
    balancer = wt.Balancer("random", ["a", "b"])
    with pytest.raises(ValueError, match='did you mean "maglev"'):
        wt.Balancer("maglve", ["a"])
    with pytest.raises(TypeError, match='did you mean "table_size"'):
        wt.Balancer("maglev", ["a"], tabel_size=7)
    with pytest.raises(ValueError, match="must be prime"):
        wt.Balancer("maglev", ["a"], table_size=8)
    with pytest.raises(TypeError, match='did you mean "weight"'):
        wt.Balancer("random", [{"address": "a", "wieght": 2}])
    with pytest.raises(ValueError, match="each address once"):
        wt.Balancer("random", ["a", "a"])
    with pytest.raises(ValueError, match="no request under way"):
        balancer.done(0, "a")
    with pytest.raises(ValueError, match="the address of an endpoint"):
        balancer.done(0, "z")
    balancer.pick(5)
    with pytest.raises(ValueError, match="no earlier than 5"):
        balancer.pick(4)
    with pytest.raises(ValueError, match="found nan"):
        balancer.pick(float("nan"))
    with pytest.raises(ValueError, match="2 x 3 values"):
        balancer.pick_many([5, 5], latency=np.zeros((2, 3)))


def test_time_is_taken_to_the_nearest_nanosecond() -> None:
    balancer = wt.Balancer("random", ["a"])
    balancer.pick(1.0000000004)
    balancer.pick(1.0)
    balancer.pick(1.0000000006)
    with pytest.raises(ValueError, match="no earlier"):
        balancer.pick(1.0)
