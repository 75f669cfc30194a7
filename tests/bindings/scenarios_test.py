"""Scenarios are checked and planned as the command line does it, with the same words."""

import json
import pickle

import numpy as np
import pytest
import windtunnel as wt

from conftest import LEADER_LOSS, ROOT

MALFORMED = sorted((ROOT / "tests/chaos/malformed").glob("*.json"))


@pytest.mark.parametrize("file", MALFORMED, ids=lambda file: file.stem)
def test_every_mistake_has_the_text_of_the_command_line(file, command_line):
    with pytest.raises(wt.ScenarioError) as raised:
        wt.check(file)
    _, errors = command_line("check", file)
    assert str(raised.value) + "\n" == errors
    assert len(raised.value.problems) == len(str(raised.value).splitlines())


def test_a_file_that_is_not_there_has_the_text_of_the_command_line(command_line):
    with pytest.raises(wt.ScenarioError) as raised:
        wt.run("no/such/file.json")
    assert str(raised.value) + "\n" == command_line("run", "no/such/file.json")[1]


@pytest.mark.parametrize("path, value", [
    ("control_plane.raft.elction_ticks", 5),
    ("control_plane.raft.tick", "5 lightyears"),
    ("load.nobody.rate", "5/s"),
    ("timeline.leader-loss.crash", "cp-z"),
])
def test_a_setting_has_the_text_of_the_command_line(path, value, command_line):
    with pytest.raises(wt.ScenarioError) as raised:
        wt.check(LEADER_LOSS, set={path: value})
    assert str(raised.value) + "\n" == command_line("check", LEADER_LOSS, "--set", f"{path}={value}")[1]


def test_problems_say_where_and_what(short_scenario):
    short_scenario["control_plane"]["raft"] = {"elction_ticks": 5}
    with pytest.raises(wt.ScenarioError) as raised:
        wt.check(short_scenario)
    [problem] = raised.value.problems
    assert problem.pointer == "/control_plane/raft/elction_ticks"
    assert (problem.file, problem.line, problem.column, problem.nearest) == ("<dict>", 0, 0, "election_ticks")
    assert str(raised.value).startswith("<dict>: /control_plane/raft/elction_ticks: found the unknown key")


def test_errors_travel_between_processes(short_scenario):
    short_scenario["duration"] = "long"
    with pytest.raises(wt.ScenarioError) as raised:
        wt.check(short_scenario)
    travelled = pickle.loads(pickle.dumps(raised.value))
    assert (str(travelled), travelled.problems) == (str(raised.value), raised.value.problems)


def test_a_dict_may_hold_numbers_of_numpy_and_tuples(short_scenario):
    plain = wt.run(short_scenario, seed=4)
    short_scenario["expect"] = ({"that": "raft.safety"},)
    short_scenario["seed"] = np.int64(4)
    assert wt.run(short_scenario).digest == plain.digest


def test_a_dict_may_not_hold_what_json_cannot_say(short_scenario):
    short_scenario["about"] = object()
    with pytest.raises(TypeError, match="a scenario holds text, numbers, lists and dicts, and no object"):
        wt.check(short_scenario)


def test_a_plan_is_that_of_the_command_line(command_line):
    plan = wt.plan(LEADER_LOSS, seed=11)
    assert plan.text == command_line("plan", LEADER_LOSS, "--seed", 11)[0]
    assert plan.json == json.loads(command_line("plan", LEADER_LOSS, "--seed", 11, "--json")[0])
    assert list(plan.hosts["name"]) == ["cp-a", "cp-b", "cp-c", "client"]
    assert list(plan.hosts["role"]) == ["control plane"] * 3 + ["client"]
    assert list(plan.timeline["id"]) == ["leader-loss"]


def test_a_plan_runs_as_a_scenario_of_its_own():
    plan = wt.plan(LEADER_LOSS, seed=11)
    assert wt.run(plan.json, seed=11).digest == wt.run(LEADER_LOSS, seed=11).digest
