#!/usr/bin/python3
"""Compares the time to the first success after a leader's death with what a real etcd took in the same experiment.

usage: like_etcd.py PROGRAM

The two samples must not differ by more than two samples of one distribution do in 95 % of cases (two-sample
Kolmogorov-Smirnov, 1.358 sqrt(1/n + 1/m)). The seeds are fixed, so the answer is too.
"""

import bisect
import csv
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent / "etcd"
SEEDS = 400


def simulated(program: str):
    with tempfile.TemporaryDirectory() as directory:
        table = pathlib.Path(directory) / "runs.csv"
        run = subprocess.run([program, "run", str(HERE / "leader-kill.json"), "--seeds", f"1..{SEEDS}", "--csv", str(table)],
                             capture_output=True, text=True)
        if run.returncode != 0:
            sys.exit(f"the scenario does not pass\n{run.stdout[-2000:]}{run.stderr}")
        return sorted(float(row["control_plane.first_success@kill"]) * 1000 for row in csv.DictReader(table.open()))


def main() -> int:
    tunnel = simulated(sys.argv[1])
    etcd = sorted(float(row["rto_ms"]) for row in csv.DictReader((HERE / "leader-kill-3-nodes.csv").open()))
    distance = max(abs(bisect.bisect_right(tunnel, x) / len(tunnel) - bisect.bisect_right(etcd, x) / len(etcd))
                   for x in tunnel + etcd)
    bound = 1.358 * (1 / len(tunnel) + 1 / len(etcd)) ** 0.5
    print(f"{'':8}{'n':>5}" + "".join(f"{label:>9}" for label in ("min", "p25", "p50", "p75", "p90", "max")))
    for name, sample in (("tunnel", tunnel), ("etcd", etcd)):
        quantiles = [sample[round(share * (len(sample) - 1))] for share in (0, 0.25, 0.5, 0.75, 0.9, 1)]
        print(f"{name:8}{len(sample):5}" + "".join(f"{q:6.0f} ms" for q in quantiles))
    print(f"Kolmogorov-Smirnov distance {distance:.3f}, bound {bound:.3f}")
    return 0 if distance <= bound else 1


if __name__ == "__main__":
    sys.exit(main())
