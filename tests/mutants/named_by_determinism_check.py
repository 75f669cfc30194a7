#!/usr/bin/python3
"""The determinism check passes on the real program, and on a mutant that draws from an address names the first event that
differs.

usage: named_by_determinism_check.py PROGRAM MUTANT SCENARIO
"""

import pathlib
import subprocess
import sys

SCENARIOS = pathlib.Path(__file__).resolve().parents[2] / "scenarios"


def main() -> int:
    program, mutant, scenario = sys.argv[1:]
    arguments = ["run", str(SCENARIOS / scenario), "--check-determinism"]
    real = subprocess.run([program, *arguments], capture_output=True, text=True)
    planted = subprocess.run([mutant, *arguments], capture_output=True, text=True)
    print(real.stdout + planted.stdout)
    good = real.returncode == 0 and "are equal" in real.stdout
    named = planted.returncode == 4 and "is the first that differs" in planted.stdout and "client" in planted.stdout
    return 0 if good and named else 1


if __name__ == "__main__":
    sys.exit(main())
