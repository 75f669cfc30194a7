"""A run says the same to Python as to a reader of the command line's report."""

import json
import re
import threading

import numpy as np
import pandas as pd
import pytest
import windtunnel as wt

from conftest import LEADER_LOSS


@pytest.fixture(scope="module")
def leader_loss():
    return wt.run("scenarios/leader-loss.json", seed=7, events=True)


def without_wall_time(text):
    return re.sub(r"in [0-9.]+ s \([0-9]+ × real time\)", "", text)


def test_the_report_is_that_of_the_command_line(leader_loss, command_line):
    report, _ = command_line("run", LEADER_LOSS, "--seed", 7)
    assert without_wall_time(leader_loss.report) == without_wall_time(report)


def test_a_replay_names_the_settings(command_line):
    settings = {"control_plane.raft.election_ticks": 5, "timeline.leader-loss.at": "20s"}
    run = wt.run(LEADER_LOSS, seed=3, set={**settings, "expect.0.at_least": "100%"})
    arguments = [f"--set={path}={value}" for path, value in settings.items()] + ["--set=expect.0.at_least=100%"]
    assert without_wall_time(run.report) == without_wall_time(command_line("run", LEADER_LOSS, "--seed", 3, *arguments)[0])


def test_the_json_is_that_of_the_command_line(leader_loss, command_line, tmp_path):
    command_line("run", LEADER_LOSS, "--seed", 7, "--json", tmp_path / "run.json")
    theirs = json.loads((tmp_path / "run.json").read_text())
    ours = leader_loss.json
    del theirs["wall_seconds"], ours["wall_seconds"]
    assert ours == theirs


def test_measures_are_those_of_the_json(leader_loss):
    values = {row["name"]: row["value"] for row in leader_loss.json["measures"]}
    for name, row in leader_loss.measures.iterrows():
        absent = values[name] is None
        assert not np.isfinite(row["value"]) if absent else row["value"] == values[name]
        assert bool(row["why"]) == absent


def test_a_censored_measure_is_infinite():
    run = wt.run("scenarios/retry-storm.json")
    censored = [row["name"] for row in run.json["measures"] if "censored" in row]
    assert censored
    assert np.isposinf(run.measures.loc[censored, "value"]).all()


def test_the_chain_adds_up_to_the_recovery_time(leader_loss):
    recovery = leader_loss.measures.loc["control_plane.recovery_time@leader-loss", "value"]
    assert leader_loss.chain("leader-loss")["seconds"].sum() == pytest.approx(recovery, abs=1e-9)


def test_an_unknown_fault_or_service_names_those_that_are_there(leader_loss):
    with pytest.raises(KeyError, match="leader-loss"):
        leader_loss.chain("leader-los")
    with pytest.raises(KeyError, match="expected one of the services"):
        leader_loss.requests("checkout")


def test_the_timeline_is_in_time_order_and_tells_the_story(leader_loss):
    timeline = leader_loss.timeline
    assert timeline["at"].is_monotonic_increasing
    story = [what for what in timeline["what"] if what != "candidacy"]
    assert story == ["leader", "fault", "restored", "leader", "first_success", "heal"]
    fault = timeline[timeline["what"] == "fault"].iloc[0]
    assert (fault["subject"], fault["host"]) == ("leader-loss", "cp-b")


def test_the_timeline_has_what_proxies_came_to_think():
    run = wt.run("scenarios/zone-loss.json")
    assert {"ejected", "returned"} <= set(run.timeline["what"])
    ejected = run.proxy_changes.query("what == 'ejected'")
    assert set(ejected["endpoint"]) <= set(run.services["checkout"]["instances"])


def test_the_timeline_without_faults_has_its_columns(short_scenario):
    run = wt.run(short_scenario)
    assert list(run.faults.columns)[:2] == ["id", "kind"] and run.faults.empty
    assert set(run.timeline["what"]) == {"candidacy", "leader"}


def test_events_are_kept_on_request_only(short_scenario):
    with pytest.raises(ValueError, match="events=True"):
        wt.run(short_scenario).events
    events = wt.run(short_scenario, events=True).events
    assert set(events["kind"]) >= {"message delivered", "alarm fired"}


def test_there_is_an_event_for_each_that_was_counted(leader_loss):
    types = leader_loss.events["type"]
    assert set(types[types > 1]) <= set(leader_loss.event_types)
    assert list(leader_loss.events["at_ns"]) == sorted(leader_loss.events["at_ns"])


def test_series_count_what_a_reader_of_the_operations_counts(leader_loss):
    operations = leader_loss.operations
    ok = operations[operations["outcome"] == "ok"]
    per_second = (ok["ended_ns"] // 1_000_000_000).clip(upper=59).value_counts().reindex(range(60), fill_value=0)
    goodput = leader_loss.series["control_plane.goodput"]
    assert goodput.index.name == "seconds" and len(goodput) == 60
    assert list(goodput) == list(per_second)


def test_series_have_the_nearest_rank_of_each_window(leader_loss):
    operations = leader_loss.operations
    ok = operations[(operations["outcome"] == "ok") & (operations["ended_ns"] // 500_000_000 == 46)]
    latencies = sorted((ok["ended_ns"] - ok["invoked_ns"]) / 1e9)
    p99 = leader_loss.series_of("control_plane.latency_p99", window=0.5)
    assert p99[23.0] == latencies[int(np.ceil(0.99 * len(latencies))) - 1]


def test_an_unknown_series_names_those_that_are_there(leader_loss):
    with pytest.raises(KeyError, match="control_plane.goodput"):
        leader_loss.series["control_plane.godput"]
    assert len(list(leader_loss.series)) == len(leader_loss.series)


def test_an_expectation_of_ones_own_weighs_on_the_verdict(short_scenario):
    few = wt.expectation("few operations", lambda run: (len(run.operations) < 10, f"{len(run.operations)} operations"))
    many = wt.expectation("many operations", lambda run: len(run.operations) >= 10)
    run = wt.run(short_scenario, expect=[many, few])
    assert run.verdict == "fail"
    assert run.reasons == [f"few operations: {len(run.operations)} operations"]
    assert list(run.expectations["verdict"]) == ["pass", "pass", "fail"]
    assert "few operations" in run.report and run.json["verdict"] == "fail"
    assert wt.run(short_scenario, expect=[many]).verdict == "pass"


def test_an_expectation_that_raises_raises(short_scenario):
    with pytest.raises(ZeroDivisionError):
        wt.run(short_scenario, expect=[wt.expectation("division", lambda run: 1 / 0 > 0)])


def test_a_decision_says_whom_a_fault_strikes():
    moments = []

    def a_follower(moment):
        moments.append(moment)
        return [host for host in moment.running if host.startswith("cp-") and host != moment.leader][0]

    run = wt.run(LEADER_LOSS, seed=7, decide={"leader-loss": a_follower})
    [moment] = moments
    assert (moment.leader, moment.term, moment.running) == ("cp-b", 1, ["cp-a", "cp-b", "cp-c", "client"])
    assert moment.time == run.faults["injected_at"][0]
    assert run.faults["targets"][0] == ["cp-a"]
    assert run.faults["detail"][0] == "crash cp-a"
    assert list(run.leaders["host"]) == ["cp-b"]
    assert "Replay" not in run.report


def test_a_decision_that_agrees_with_the_scenario_changes_nothing():
    decided = wt.run(LEADER_LOSS, seed=7, decide={"leader-loss": lambda moment: moment.leader})
    assert decided.digest == wt.run(LEADER_LOSS, seed=7).digest


def test_a_decision_of_none_lets_a_strike_pass_and_nobody_is_hit_by_an_empty_one():
    passed = wt.run(LEADER_LOSS, seed=7, decide={"leader-loss": lambda moment: None})
    assert passed.faults.empty and list(passed.leaders["term"]) == [1]
    nobody = wt.run(LEADER_LOSS, seed=7, decide={"leader-loss": lambda moment: []})
    assert list(nobody.faults["targets"]) == [[]] and nobody.verdict == "inconclusive"


def test_a_decision_is_asked_at_each_strike_of_any_fault_with_a_target():
    asked = []

    def every_other(moment):
        asked.append(moment.time)
        return moment.leader if len(asked) % 2 else None

    repeated = {"timeline.cut.for": "4s", "timeline.cut.every": "8s", "timeline.cut.times": 3}
    run = wt.run("scenarios/leader-partition.json", set=repeated, decide={"cut": every_other})
    assert len(asked) == 3 and list(run.faults["injected_at"]) == asked[::2]
    assert run.faults["kind"][0] == "partition"


def test_a_decision_that_fails_ends_the_run_with_its_exception():
    def fails(moment):
        raise LookupError("nobody is worth it")

    with pytest.raises(LookupError, match="nobody is worth it"):
        wt.run(LEADER_LOSS, decide={"leader-loss": fails})
    with pytest.raises(ValueError, match='unknown host "cp-z"'):
        wt.run(LEADER_LOSS, decide={"leader-loss": lambda moment: "cp-z"})


def test_a_decision_on_what_has_no_target_names_those_that_have(leader_loss):
    with pytest.raises(ValueError, match="'lider-loss'; expected the id of a fault with a target: leader-loss"):
        wt.run(LEADER_LOSS, decide={"lider-loss": lambda moment: None})


def test_other_threads_run_meanwhile():
    counted = threading.Event()
    runs = threading.Thread(target=lambda: wt.run(LEADER_LOSS))
    # With the interpreter's lock held, this thread would see no step between start and end.
    steps = 0
    runs.start()
    while runs.is_alive():
        steps += 1
        counted.wait(0.001)
    assert steps > 5


def test_progress_goes_from_nothing_to_all(short_scenario, capsys):
    wt.run(short_scenario, progress=True)
    assert pd.notna(wt.run(short_scenario, progress=False).wall_seconds)


def test_it_shows_itself_in_a_notebook(leader_loss):
    shown = leader_loss._repr_html_()
    assert "pass" in shown and "control_plane.recovery_time@leader-loss" in shown
