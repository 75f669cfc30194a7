#!/usr/bin/python3
"""The time of one campaign: by the command line, by threads of Python's process, and on executors with two workers.

usage: ./windtunnel python tests/bench/scale_out.py [SEEDS [ROUNDS]]

Prints the best of the rounds, which take turns, so that what else the machine does meets all alike. The time of starting
workers is not counted, as it does not grow with the campaign; that of sending work out and results back is.
"""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path
from typing import Callable, Optional

import windtunnel as wt

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = str(ROOT / "scenarios/leader-loss.json")
WARM_UP = 4
"""Seeds that each worker has run before the clock starts, so that all have started and imported."""


def timed(seeds: int, executor: Optional[Executor] = None, jobs: Optional[int] = None) -> float:
    if executor is not None:
        wt.campaign(SCENARIO, range(2 * WARM_UP), executor=executor, chunk=1, progress=False)
    begin = time.perf_counter()
    wt.campaign(SCENARIO, range(1, seeds + 1), executor=executor, jobs=jobs, progress=False)
    return time.perf_counter() - begin


def by_command_line(seeds: int, jobs: int) -> float:
    program = ROOT / "build/release/chaos/windtunnel"
    begin = time.perf_counter()
    subprocess.run([program, "run", SCENARIO, "--seeds", f"1..{seeds}", "--jobs", str(jobs)], check=True,
                   stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def in_processes(seeds: int, workers: int) -> float:
    with ProcessPoolExecutor(workers) as pool:
        return timed(seeds, pool)


def on_dask(seeds: int, workers: int) -> float:
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        return timed(seeds, client.get_executor())


def on_mpi(seeds: int, workers: int) -> float:
    """One rank hands out the work, and waits: it is one more than there are workers."""
    environment = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    command = ["mpiexec", "-n", str(workers + 1), "--oversubscribe", "--mca", "mpi_yield_when_idle", "1", sys.executable,
               "-m", "mpi4py.futures", __file__, "--as-mpi-master", str(seeds)]
    return float(subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout)


def as_mpi_master(seeds: int) -> float:
    from mpi4py.futures import MPIPoolExecutor

    with MPIPoolExecutor() as pool:
        return timed(seeds, pool)


def main() -> None:
    if sys.argv[1:2] == ["--as-mpi-master"]:
        print(as_mpi_master(int(sys.argv[2])))
        return
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    ways: dict[str, Callable[[], float]] = {
        "command line, 1 job": lambda: by_command_line(seeds, 1),
        "command line, 2 jobs": lambda: by_command_line(seeds, 2),
        "threads, 1": lambda: timed(seeds, jobs=1),
        "threads, 2": lambda: timed(seeds, jobs=2),
        "ProcessPoolExecutor, 1": lambda: in_processes(seeds, 1),
        "ProcessPoolExecutor, 2": lambda: in_processes(seeds, 2),
        "Dask, 1": lambda: on_dask(seeds, 1),
        "Dask, 2": lambda: on_dask(seeds, 2),
    }
    if shutil.which("mpiexec"):
        ways |= {"MPIPoolExecutor, 1": lambda: on_mpi(seeds, 1), "MPIPoolExecutor, 2": lambda: on_mpi(seeds, 2)}
    best = {way: float("inf") for way in ways}
    for _ in range(rounds):
        for way, measure in ways.items():
            best[way] = min(best[way], measure())
    alone = best["command line, 1 job"]
    for way, seconds in best.items():
        print(f"{way:24} {seconds:7.2f} s  {seeds / seconds:6.1f} runs/s  {alone / seconds:5.2f} × the command line's one job")


if __name__ == "__main__":
    main()
