"""A campaign on any executor finds what it finds here, whatever becomes of the workers."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import pytest
import windtunnel as wt

from conftest import LEADER_LOSS, ROOT

SEEDS = range(1, 33)


@pytest.fixture(scope="module")
def local():
    return wt.campaign(str(ROOT / LEADER_LOSS), SEEDS)


def test_processes_find_the_same(local):
    with ProcessPoolExecutor(2) as pool:
        assert wt.campaign(LEADER_LOSS, SEEDS, executor=pool).csv == local.csv


def test_threads_find_the_same(local):
    with ThreadPoolExecutor(2) as pool:
        assert wt.campaign(LEADER_LOSS, SEEDS, executor=pool, chunk=3).csv == local.csv


def kill(process_id):
    os.kill(process_id, signal.SIGKILL)


def test_a_process_that_is_killed_loses_nothing(local):
    with ProcessPoolExecutor(2) as pool:
        victim = pool.submit(os.getpid).result()
        threading.Timer(0.3, kill, [victim]).start()
        with pytest.warns(wt.LostWorkWarning, match="the executor is broken"):
            campaign = wt.campaign(LEADER_LOSS, SEEDS, executor=pool, chunk=2)
    assert campaign.csv == local.csv


def test_a_pool_that_was_broken_before_loses_nothing(local):
    with ProcessPoolExecutor(1) as pool:
        with pytest.raises(Exception):
            pool.submit(os._exit, 1).result()
        with pytest.warns(wt.LostWorkWarning, match="the executor is broken"):
            assert wt.campaign(LEADER_LOSS, SEEDS, executor=pool).csv == local.csv


class Forgetful(Executor):
    """Loses or cancels every chunk so many times before it does it."""

    def __init__(self, times):
        self.times = times
        self.given = {}

    def submit(self, function, scenario, seeds):
        future = Future()
        self.given[seeds[0]] = self.given.get(seeds[0], 0) + 1
        if self.given[seeds[0]] > self.times:
            future.set_result(function(scenario, seeds))
        elif seeds[0] % 2 == 0:
            future.set_exception(ConnectionError("the worker is gone"))
        else:
            future.cancel()
            future.set_running_or_notify_cancel()
        return future


@pytest.mark.parametrize("times, given", [(1, 2), (2, 3), (9, 3)])
def test_a_chunk_is_tried_three_times_and_then_here(local, times, given):
    executor = Forgetful(times)
    with pytest.warns(wt.LostWorkWarning, match="which run again"):
        campaign = wt.campaign(LEADER_LOSS, SEEDS, executor=executor, chunk=5)
    assert campaign.csv == local.csv
    assert set(executor.given.values()) == {given}


def test_a_scenario_that_only_workers_cannot_use_is_an_error():
    class Distant(Executor):
        def submit(self, function, scenario, seeds):
            future = Future()
            future.set_exception(wt.ScenarioError("trace.csv: found no file that can be read"))
            return future

    with pytest.raises(wt.ScenarioError, match="trace.csv"):
        wt.campaign(LEADER_LOSS, SEEDS, executor=Distant())


DASK = """
import sys, threading, os, signal
import windtunnel as wt
from distributed import Client, LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        victim = sorted(client.run(os.getpid).values())[0]
        if sys.argv[1] == "kill":
            threading.Timer(0.5, os.kill, [victim, signal.SIGKILL]).start()
        campaign = wt.campaign("scenarios/leader-loss.json", range(1, 33), executor=client.get_executor(), chunk=1)
        # It was killed while there was work, or the timer had come too late to mean anything.
        is_gone = victim not in client.run(os.getpid).values()
        assert is_gone == (sys.argv[1] == "kill")
        sys.stdout.write(campaign.csv)
"""


@pytest.mark.parametrize("fate", ["live", "kill"])
def test_dask_finds_the_same_even_when_a_worker_is_killed(local, fate, tmp_path):
    script = tmp_path / "dask_campaign.py"
    script.write_text(DASK)
    done = subprocess.run([sys.executable, str(script), fate], capture_output=True, timeout=300, check=False)
    assert done.stdout.decode() == local.csv, done.stderr.decode()


MPI = """
import sys
import windtunnel as wt
from mpi4py.futures import MPIPoolExecutor

if __name__ == "__main__":
    with MPIPoolExecutor() as pool:
        campaign = wt.campaign("scenarios/leader-loss.json", range(1, 33), executor=pool)
    sys.stdout.write(campaign.csv)
"""


@pytest.mark.skipif(shutil.which("mpiexec") is None, reason="mpiexec is not installed")
def test_mpi_finds_the_same(local, tmp_path):
    script = tmp_path / "mpi_campaign.py"
    script.write_text(MPI)
    environment = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    command = ["mpiexec", "-n", "3", "--oversubscribe", sys.executable, "-m", "mpi4py.futures", str(script)]
    done = subprocess.run(command, capture_output=True, timeout=300, env=environment, check=False)
    assert done.stdout.decode() == local.csv, done.stderr.decode()
