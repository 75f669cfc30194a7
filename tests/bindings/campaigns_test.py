"""A campaign finds the same as the command line's, byte for byte."""

import json
import pickle

import numpy as np
import pytest
import windtunnel as wt

from conftest import LEADER_LOSS


@pytest.fixture(scope="module")
def campaign():
    return wt.campaign("scenarios/leader-loss.json", range(1, 41), jobs=2)


def test_the_csv_is_that_of_the_command_line(campaign, command_line, tmp_path):
    command_line("run", LEADER_LOSS, "--seeds", "1..40", "--csv", tmp_path / "runs.csv")
    assert campaign.csv.encode() == (tmp_path / "runs.csv").read_bytes()


def test_the_json_is_that_of_the_command_line(campaign, command_line, tmp_path):
    command_line("run", LEADER_LOSS, "--seeds", "1..40", "--json", tmp_path / "runs.json")
    theirs, ours = json.loads((tmp_path / "runs.json").read_text()), campaign.json
    for run in theirs["runs"] + ours["runs"]:
        del run["wall_seconds"]
    assert ours == theirs


def test_neither_order_nor_number_of_threads_matters(campaign):
    shuffled = list(np.random.default_rng(1).permutation(np.arange(1, 41)))
    assert wt.campaign(LEADER_LOSS, shuffled, jobs=3).csv == campaign.csv


def test_a_row_is_the_run_of_its_seed(campaign):
    run = wt.run(LEADER_LOSS, seed=17)
    assert campaign.runs.loc[17, "digest"] == run.digest
    shared = campaign.measures.columns.intersection(run.measures.index)
    np.testing.assert_array_equal(campaign.measures.loc[17, shared], run.measures.loc[shared, "value"])


def test_the_chain_adds_up_by_seed(campaign):
    recovery = campaign.measures["control_plane.recovery_time@leader-loss"]
    np.testing.assert_allclose(campaign.chain("leader-loss").sum(axis=1), recovery, atol=1e-9)
    with pytest.raises(KeyError, match="leader-loss"):
        campaign.chain("zone-loss")


def test_statistics_are_those_of_the_columns(campaign):
    statistics, measures = campaign.statistics, campaign.measures
    for name in ("control_plane.recovery_time@leader-loss", "control_plane.availability"):
        assert statistics.loc[name, "p95"] == pytest.approx(np.quantile(measures[name], 0.95))
        assert statistics.loc[name, "max"] == measures[name].max()
    worst = statistics.loc["control_plane.recovery_time@leader-loss", "worst_seed"]
    assert worst == measures["control_plane.recovery_time@leader-loss"].idxmax()


def test_expectations_over_seeds_are_judged(short_scenario):
    short_scenario["expect"].append({"that": "control_plane.availability", "at_least": "1%", "over_seeds": "mean"})
    campaign = wt.campaign(short_scenario, range(5))
    [evaluation] = campaign.evaluations.to_dict("records")
    assert evaluation["verdict"] == "pass" and evaluation["n"] == 5


def test_results_travel_between_processes():
    loaded = wt.scenario.load("scenarios/majority-loss.json")
    runs = wt._core.run_seeds(loaded, [1, 2, 3], 1, None)
    travelled = pickle.loads(pickle.dumps(runs))
    assert wt._core.judge(loaded, travelled).csv == wt._core.judge(loaded, runs).csv
    assert wt._core.judge(loaded, travelled).json("x") == wt._core.judge(loaded, runs).json("x")


def test_scenarios_travel_between_processes():
    loaded = wt.scenario.load(LEADER_LOSS, {"control_plane.raft.election_ticks": 5})
    travelled = pickle.loads(pickle.dumps(loaded))
    assert travelled.plan(3).json == loaded.plan(3).json


def test_seeds_are_all_different_and_some():
    with pytest.raises(ValueError, match="found a seed twice"):
        wt.campaign(LEADER_LOSS, [1, 2, 1])
    with pytest.raises(ValueError, match="found no seeds"):
        wt.campaign(LEADER_LOSS, [])


def test_it_shows_itself_in_a_notebook(campaign):
    assert "40 pass" in campaign._repr_html_()
