#!/usr/bin/python3
"""Runs every scenario of the library and compares verdict and digest with what is committed beside it.

usage: expected_outcomes.py PROGRAM [--update]

`scenarios/NAME.expected` holds the outcome of the scenario's own seed, the same on every compiler and build type.
--update rewrites the files; only a difference that can be explained is to be committed.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

SCENARIOS = pathlib.Path(__file__).resolve().parents[2] / "scenarios"


def outcome_of(program: str, scenario: pathlib.Path) -> str:
    with tempfile.TemporaryDirectory() as directory:
        report = pathlib.Path(directory) / "report.json"
        run = subprocess.run([program, "run", str(scenario), "--json", str(report)], capture_output=True, text=True)
        if not report.exists():
            return f"exit {run.returncode}\n{run.stderr}"
        result = json.loads(report.read_text())
    return f"verdict {result['verdict']}\nseed {result['seed']}\ndigest {result['digest']}\n"


def main() -> int:
    program = sys.argv[1]
    update = "--update" in sys.argv[2:]
    scenarios = sorted(path for path in SCENARIOS.glob("*.json") if not path.name.endswith(".schema.json"))
    different = 0
    for scenario in scenarios:
        expected_file = scenario.with_suffix(".expected")
        outcome = outcome_of(program, scenario)
        if update:
            expected_file.write_text(outcome)
        expected = expected_file.read_text() if expected_file.exists() else "(no such file)\n"
        if outcome != expected:
            different += 1
            print(f"{scenario.name}: DIFFERENT\n  expected: {expected!r}\n  got:      {outcome!r}")
            print(f"  replay: {program} run {scenario.relative_to(SCENARIOS.parent)}")
        else:
            print(f"{scenario.name}: as expected: {outcome.splitlines()[0]}, {outcome.splitlines()[-1]}")
    print(f"{len(scenarios) - different} passed, {different} failed")
    return 1 if different or not scenarios else 0


if __name__ == "__main__":
    sys.exit(main())
