#!/usr/bin/python3
"""Runs a scenario with many seeds on the real program, which must pass, and on a mutant, which must fail by a named seed.

usage: caught_by_scenario.py PROGRAM MUTANT SCENARIO A..B
"""

import csv
import pathlib
import subprocess
import sys
import tempfile

SCENARIOS = pathlib.Path(__file__).resolve().parents[2] / "scenarios"


def verdicts(program: str, scenario: str, seeds: str):
    with tempfile.TemporaryDirectory() as directory:
        table = pathlib.Path(directory) / "runs.csv"
        run = subprocess.run([program, "run", str(SCENARIOS / scenario), "--seeds", seeds, "--csv", str(table)],
                             capture_output=True, text=True)
        rows = list(csv.DictReader(table.open())) if table.exists() else []
    return run, {row["seed"]: row["verdict"] for row in rows}


def main() -> int:
    program, mutant, scenario, seeds = sys.argv[1:]
    real_run, real = verdicts(program, scenario, seeds)
    if real_run.returncode != 0 or not real or set(real.values()) != {"pass"}:
        print(f"the real program does not pass: exit {real_run.returncode}\n{real_run.stdout[-3000:]}{real_run.stderr}")
        return 1
    mutant_run, mutated = verdicts(mutant, scenario, seeds)
    failed = [seed for seed, verdict in mutated.items() if verdict == "fail"]
    if mutant_run.returncode != 1 or not failed:
        print(f"the planted bug was not caught: exit {mutant_run.returncode}\n{mutant_run.stdout[-3000:]}{mutant_run.stderr}")
        return 1
    reason = next(line.strip() for line in mutant_run.stdout.splitlines() if f"seed {failed[0]}:" in line)
    print(f"real program: {len(real)} seeds pass; mutant: {len(failed)} of {len(mutated)} seeds fail")
    print(f"caught with seed {failed[0]}: {reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
