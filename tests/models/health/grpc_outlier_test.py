#!/usr/bin/python3
"""Compares outlier detection in gRPC's dialect with grpc-js 1.14.7, sweep by sweep: who is ejected, and every multiplier.
Skipped (exit code 77) where node or the package from npm is not to be had.

usage: grpc_outlier_test.py PROBE SCENARIOS
"""

import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from npm_packages import GRPC_JS, install  # noqa: E402: found by the line above

SWEEPS = 25


def scenario(rng: random.Random) -> str:
    hosts = rng.randint(1, 20)
    base = rng.choice([10, 25, 30])
    numbers = [hosts, SWEEPS, rng.choice([0, 10, 25, 50, 100]), base, base * rng.randint(1, 5)]
    # With these factors two different rates never meet the threshold exactly. There rounding would decide, and grpc-js
    # counts in shares, not in percent.
    numbers += [rng.choice([0, 1, 1]), rng.choice([700, 1100, 1900]), rng.randint(1, 6), rng.choice([20, 50, 100])]
    numbers += [rng.choice([0, 1, 1]), rng.choice([20, 50, 85]), rng.randint(1, 6), rng.choice([20, 50])]
    # Round rates and equal volumes: ties and thresholds are met exactly, often.
    bad = [rng.random() < 0.3 for _ in range(hosts)]
    for _ in range(SWEEPS):
        for host in range(hosts):
            bad[host] ^= rng.random() < 0.05
            calls = rng.choice([0, 20, 50, 100, 100, 100])
            rate = rng.choice([20, 50, 85, 90, 100]) if bad[host] else rng.choice([0, 0, 0, 2, 10])
            failures = calls * rate // 100
            numbers += [calls - failures, failures]
    return " ".join(map(str, numbers))


def main() -> int:
    probe, count = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as directory:
        install(pathlib.Path(directory), GRPC_JS)
        environment = {**os.environ, "NODE_PATH": str(pathlib.Path(directory) / "node_modules")}
        script = pathlib.Path(__file__).with_name("grpc_outlier.js")
        scenarios = [scenario(random.Random(seed)) for seed in range(count)]
        text = "\n".join(scenarios)
        ours = subprocess.run([probe], input=text, capture_output=True, text=True, check=True).stdout
        theirs = subprocess.run(["node", script], input=text, capture_output=True, text=True, check=True,
                                env=environment).stdout
    sweeps = list(zip(ours.splitlines(), theirs.splitlines(), strict=True))
    for place, (our_sweep, their_sweep) in enumerate(sweeps):
        if our_sweep != their_sweep:
            seed, sweep = divmod(place, SWEEPS)
            print(f"scenario {seed} differs at sweep {sweep}\n{scenarios[seed]}\nours:   {our_sweep}\ntheirs: {their_sweep}")
            return 1
    ejections = ours.count("E")
    print(f"{len(sweeps)} sweeps of {count} scenarios agree; {ejections} host-sweeps in ejection")
    return 0 if ejections > count else 1


if __name__ == "__main__":
    sys.exit(main())
