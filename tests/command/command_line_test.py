#!/usr/bin/python3
"""The command line as a user meets it: verdicts, exit codes, messages, and the files it writes.

usage: command_line_test.py PROGRAM [unittest arguments]
"""

import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCENARIOS = pathlib.Path(__file__).resolve().parents[2] / "scenarios"
PROGRAM = ""

SMALL = {
    "name": "Small",
    "about": "Made for a test.",
    "seed": 5,
    "duration": "20s",
    "topology": {"hosts": {"cp-{1..3}": {}, "client": {}, "bystander": {}}},
    "control_plane": {"on": "cp-*"},
    "load": [{"to": "control_plane", "from": "client", "rate": "50/s"}],
    "timeline": [{"id": "loss", "at": "10s", "crash": "leader", "restart_after": "3s"}],
    "expect": [
        {"that": "control_plane.recovery_time", "after": "loss", "at_most": "5s"},
        {"that": "control_plane.lost_acked", "equals": 0},
        {"that": "raft.safety"},
    ],
    "recovery": {"window": "1s"},
}


class CommandLine(unittest.TestCase):
    def setUp(self):
        self._directory = tempfile.TemporaryDirectory()
        self.addCleanup(self._directory.cleanup)
        self.directory = pathlib.Path(self._directory.name)

    def scenario(self, name="small.json", **changes):
        path = self.directory / name
        path.write_text(json.dumps({**SMALL, **changes}))
        return str(path)

    def run_program(self, *arguments):
        return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, cwd=self.directory)

    def test_a_run_that_holds_passes_with_exit_code_0(self):
        run = self.run_program("run", self.scenario())
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        for words in ("detected", "elected", "first commit", "restored", "Verdict: pass"):
            self.assertIn(words, run.stdout)

    def test_a_broken_bound_fails_with_exit_code_1_and_the_command_that_replays_it(self):
        expect = [{"that": "control_plane.recovery_time", "after": "loss", "at_most": "10ms"}]
        path = self.scenario(expect=expect)
        run = self.run_program("run", path)
        self.assertEqual(run.returncode, 1, run.stdout)
        self.assertIn("Verdict: fail", run.stdout)
        self.assertIn(f"windtunnel run {path} --seed 5", run.stdout)

    def test_an_unknown_target_is_bad_input_with_place_and_near_miss(self):
        path = self.scenario(timeline=[{"id": "loss", "at": "10s", "crash": "cp-4"}])
        run = self.run_program("run", path)
        self.assertEqual(run.returncode, 3)
        self.assertRegex(run.stderr, r"small\.json:1:\d+: /timeline/0/crash: found .*cp-4.*; expected .*did you mean \"cp-")
        self.assertEqual(run.stdout, "")

    def test_a_fault_without_effect_is_inconclusive(self):
        # Nobody talks to the bystander, so cutting it off touches nothing.
        path = self.scenario(timeline=[{"id": "loss", "at": "10s", "for": "5s", "partition": ["bystander"]}],
                             expect=[{"that": "raft.safety"}])
        run = self.run_program("run", path)
        self.assertEqual(run.returncode, 2, run.stdout)
        self.assertIn("touched nothing", run.stdout)

    def test_a_fault_whose_role_nobody_holds_is_inconclusive(self):
        timeline = [{"id": "all", "at": "9s", "crash": "cp-*"}, {"id": "loss", "at": "10s", "crash": "leader"}]
        run = self.run_program("run", self.scenario(timeline=timeline, expect=[{"that": "raft.safety"}]))
        self.assertEqual(run.returncode, 2, run.stdout)
        self.assertIn("found no target", run.stdout)

    def test_an_expectation_without_samples_is_inconclusive_unless_it_says_otherwise(self):
        silent = {"load": [], "timeline": [{"id": "loss", "at": "10s", "crash": "leader"}]}
        expect = {"that": "control_plane.availability", "at_least": "99%"}
        run = self.run_program("run", self.scenario(expect=[expect], **silent))
        self.assertEqual(run.returncode, 2, run.stdout)
        self.assertIn("no evidence", run.stdout)
        run = self.run_program("run", self.scenario(expect=[{**expect, "on_empty": "pass"}], **silent))
        self.assertEqual(run.returncode, 0, run.stdout)

    def test_a_missed_gate_keeps_the_faults_away_and_is_inconclusive(self):
        expect = [{"that": "control_plane.write_latency.p99", "gate": True, "at_most": "1us"}]
        run = self.run_program("run", self.scenario(expect=expect))
        self.assertEqual(run.returncode, 2, run.stdout)
        self.assertIn("no fault was injected", run.stdout)

    def test_usage_errors_exit_with_3_and_name_the_nearest_option(self):
        run = self.run_program("run", self.scenario(), "--sed", "3")
        self.assertEqual(run.returncode, 3)
        self.assertIn("--seed", run.stderr)
        for range_text in ("9..1", "1-9", "1..", "x..2"):
            run = self.run_program("run", self.scenario(), "--seeds", range_text)
            self.assertEqual(run.returncode, 3, range_text)
            self.assertIn("expected", run.stderr)
        self.assertEqual(self.run_program("run", "missing.json").returncode, 3)
        self.assertEqual(self.run_program().returncode, 3)
        self.assertEqual(self.run_program("--help").returncode, 0)

    def test_set_replaces_a_value_and_is_named_where_it_is_wrong(self):
        path = self.scenario()
        slower = self.run_program("run", path, "--set", "control_plane.raft.election_ticks=30", "--set", "timeline.loss.at=8s")
        self.assertEqual(slower.returncode, 0, slower.stdout)
        self.assertIn("8.000 s", slower.stdout)
        wrong = self.run_program("run", path, "--set", "control_plane.raft.tick=100")
        self.assertEqual(wrong.returncode, 3)
        self.assertIn("--set control_plane.raft.tick=100", wrong.stderr)

    def test_a_printed_plan_is_a_scenario_of_exactly_the_same_run(self):
        for name in ("leader-loss.json", "slow-link.json"):
            plan = self.run_program("plan", str(SCENARIOS / name), "--seed", "42", "--json")
            self.assertEqual(plan.returncode, 0, plan.stderr)
            (self.directory / "plan.json").write_text(plan.stdout)
            digests = []
            for arguments in ([str(SCENARIOS / name), "--seed", "42"], ["plan.json"]):
                self.run_program("run", *arguments, "--json", "report.json")
                digests.append(json.loads((self.directory / "report.json").read_text())["digest"])
            self.assertEqual(digests[0], digests[1], name)

    def test_a_campaign_does_not_depend_on_the_number_of_jobs(self):
        tables = []
        for jobs in ("1", "2", "7"):
            run = self.run_program("run", str(SCENARIOS / "leader-loss.json"), "--seeds", "1..24", "--jobs", jobs,
                                   "--csv", "runs.csv", "--json", "report.json")
            self.assertEqual(run.returncode, 0, run.stdout)
            tables.append((self.directory / "runs.csv").read_text())
        self.assertEqual(tables[0], tables[1])
        self.assertEqual(tables[0], tables[2])
        rows = list(csv.DictReader(tables[0].splitlines()))
        self.assertEqual([row["seed"] for row in rows], [str(seed) for seed in range(1, 25)])
        self.assertEqual(len({row["digest"] for row in rows}), 24)
        self.assertTrue(all(0.5 < float(row["control_plane.recovery_time@leader-loss"]) < 8 for row in rows))
        self.assertTrue(all(row["control_plane.lost_acked"] == "0" for row in rows))

    def test_the_determinism_check_compares_every_event(self):
        run = self.run_program("run", self.scenario(), "--check-determinism")
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertRegex(run.stdout, r"two runs of \d{4,} events are equal")

    def test_a_report_that_cannot_be_written_is_an_error_and_leaves_nothing(self):
        run = self.run_program("run", self.scenario(), "--json", "no/such/directory/report.json")
        self.assertEqual(run.returncode, 3)
        self.assertIn("no/such/directory", run.stderr)

    def test_colours_appear_only_when_asked_for_or_on_a_terminal(self):
        path = self.scenario()
        self.assertNotIn("\x1b[", self.run_program("run", path).stdout)
        self.assertIn("\x1b[", self.run_program("run", path, "--color", "always").stdout)

    def test_every_scenario_of_the_library_is_listed_and_checks(self):
        files = sorted(str(path) for path in SCENARIOS.glob("*.json") if not path.name.endswith(".schema.json"))
        self.assertEqual(self.run_program("check", *files).returncode, 0)
        listed = self.run_program("list", str(SCENARIOS)).stdout
        for path in files:
            self.assertIn(path, listed)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
