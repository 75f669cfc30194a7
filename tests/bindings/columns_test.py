"""Columns of a run are views of the simulator's memory, in NumPy and in pandas alike."""

import gc

import numpy as np
import pytest
import windtunnel as wt

COLUMNS = ["events", "candidacies", "leaders", "commits", "pushes", "policies_settled", "policies_applied"]


def address_of(values):
    return values.__array_interface__["data"][0]


def values_of(series):
    """The array below a pandas column: the codes of a categorical one."""
    return series.cat.codes.values if hasattr(series, "cat") else series.values


def assert_is_view(frame, array, but=()):
    assert len(frame) == len(array) > 0
    assert set(frame.columns) - set(array.dtype.names) == set(but)
    for name in array.dtype.names:
        below = values_of(frame[name])
        assert address_of(below) == address_of(array[name]), name
        assert len(below) == 1 or below.strides == (array.dtype.itemsize,)


@pytest.fixture(scope="module")
def rollout():
    return wt.run("scenarios/policy-change.json", events=True)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_frame_is_a_view(rollout, name):
    assert_is_view(getattr(rollout, name), getattr(rollout._core, name))


def test_operations_are_a_view(short_scenario):
    run = wt.run(short_scenario)
    assert_is_view(run.operations, run._core.operations, but={"number", "version"})


def test_requests_are_a_view(rollout):
    for service in rollout.services:
        assert_is_view(rollout.requests(service), rollout._core.requests(service), but={"number", "kind"})


def test_what_is_no_view_takes_memory_only_for_numbers(rollout):
    requests = rollout.requests("checkout")
    assert list(requests["number"]) == list(range(len(requests)))
    assert set(requests["kind"]) == {"read"}
    assert values_of(requests["kind"]).strides == (0,)
    assert set(rollout.operations["version"]) <= {0}


def test_versions_are_categories():
    run = wt.run("scenarios/canary-good.json")
    requests = run.requests("checkout")
    assert list(requests["version"].cat.categories) == [0, 1, 2] == run._core.versions("checkout")
    assert_is_view(requests, run._core.requests("checkout"), but={"number", "kind"})
    answered = requests[requests["outcome"] == "ok"]
    assert set(answered["version"]) == {1, 2}
    assert (answered["version"] == 2).any()


def test_versions_of_any_number_are_a_view(short_scenario):
    short_scenario["topology"]["hosts"]["web-{1..2}"] = {"zone": "a"}
    short_scenario["services"] = {
        "shop": {"on": "web-*", "versions": {"4000000000": {"on": "web-2"}}, "split": {"1": "0%", "4000000000": "100%"}}
    }
    short_scenario["load"] = [{"to": "shop", "from": "client", "rate": "100/s"}]
    run = wt.run(short_scenario)
    requests = run.requests("shop")
    assert list(requests["version"].cat.categories) == [0, 1, 4_000_000_000]
    assert set(requests["version"]) == {4_000_000_000}
    assert_is_view(requests, run._core.requests("shop"), but={"number", "kind"})


def test_ten_million_events_are_a_view():
    run = wt.run("scenarios/steady-load.json", events=True, set={"load.0.rate": "16000/s", "duration": "70s"})
    events = run.events
    assert len(events) > 10_000_000
    assert_is_view(events, run._core.events)


@pytest.mark.parametrize("others", [121, 122, 123, 124, 40_000])
def test_hosts_beyond_a_byte_are_a_view(short_scenario, others):
    short_scenario["topology"]["hosts"]["other-{1..%d}" % others] = {"zone": "a"}
    run = wt.run(short_scenario, events=True)
    assert len(run.hosts) == others + 4
    assert_is_view(run.events, run._core.events)
    assert set(run.events["host"]) <= set(run.hosts)


def test_views_are_read_only(rollout):
    with pytest.raises(ValueError, match="read-only"):
        rollout._core.operations["attempts"][0] = 7
    with pytest.raises(ValueError, match="read-only"):
        rollout.operations["attempts"].values[0] = 7


def test_a_frame_outlives_its_run(short_scenario):
    run = wt.run(short_scenario)
    operations = run.operations
    total = int(operations["ended_ns"].sum())
    del run
    gc.collect()
    for _ in range(3):  # What is freed would be used again.
        wt.run(short_scenario, seed=99)
    assert int(operations["ended_ns"].sum()) == total


def test_nobody_is_missing():
    run = wt.run("scenarios/zone-loss.json")
    requests = run.requests("checkout")
    assert set(requests["picked"].dropna()) <= set(run.services["checkout"]["instances"])
    nobody = run._core.requests("checkout")["picked"] == -1
    assert list(requests["picked"].isna()) == list(nobody)


def test_codes_stand_for_what_they_name(rollout):
    assert np.array_equal(rollout.leaders["host"].astype(str), [rollout.hosts[h] for h in rollout._core.leaders["host"]])
