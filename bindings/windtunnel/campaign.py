"""Many seeds of one scenario, judged together."""

from __future__ import annotations

import json
import os
from concurrent.futures import Executor
from typing import Any, Optional, Sequence

import pandas as pd

from windtunnel import _core
from windtunnel.display import html_of_campaign
from windtunnel.executors import run_on_executor
from windtunnel.progress import Bar
from windtunnel.scenario import ScenarioLike, Settings, load

__all__ = ["Campaign", "campaign"]

_CHAIN = ("detect", "elect", "propagate", "reconnect", "sustain")


class Campaign:
    """What a campaign found. Seeds index the rows of its frames, in ascending order."""

    def __init__(self, core: _core.Campaign, file: str) -> None:
        self._core = core
        self._file = file

    @property
    def scenario(self) -> str:
        """The scenario's name."""
        return self._core.scenario

    @property
    def verdict(self) -> str:
        """The worst of all runs and of all expectations over seeds."""
        return self._core.verdict

    @property
    def runs(self) -> pd.DataFrame:
        """One row per seed. Columns: verdict, digest, reasons (list of lines), length and wall_seconds (seconds)."""
        columns = ["seed", "verdict", "digest", "reasons", "length", "wall_seconds"]
        return pd.DataFrame(self._core.runs, columns=columns).set_index("seed")

    @property
    def measures(self) -> pd.DataFrame:
        """One row per seed, shape (seeds, measures). Columns are named as in ``expect``; durations in seconds, counts, and
        shares of one; inf where censored, NaN where a run has no value."""
        return pd.DataFrame(self._core.columns, index=self.runs.index)

    @property
    def statistics(self) -> pd.DataFrame:
        """One row per measure. Columns: unit, n (runs with a value), without (runs without one), censored, min, mean, p50,
        p95, p99, max, worst_seed (to look at first; <NA> without values)."""
        columns = ["name", "unit", "n", "without", "censored", "min", "mean", "p50", "p95", "p99", "max", "worst_seed"]
        frame = pd.DataFrame(self._core.statistics, columns=columns).set_index("name")
        return frame.astype({"censored": "Int64", "worst_seed": "UInt64"})

    @property
    def evaluations(self) -> pd.DataFrame:
        """One row per expectation over seeds. Columns: that, statistic ("p95", ...), bound (text), value, low and high
        (95 % bootstrap interval), n, without, verdict, explanation."""
        columns = ["name", "that", "statistic", "bound", "value", "low", "high", "n", "without", "verdict", "explanation"]
        frame = pd.DataFrame(self._core.evaluations, columns=columns).set_index("name")
        return frame.astype({"value": float, "low": float, "high": float})

    def chain(self, fault: str) -> pd.DataFrame:
        """Where the recovery time of the control plane after a fault went, by seed.

        Args:
            fault: the fault's id, "leader-loss"; or the measure, "control_plane.recovery_time@leader-loss".

        Returns:
            Shape (seeds, 5), in seconds: detect, elect, propagate, reconnect, sustain. A row adds up to the recovery time.
        """
        fault = fault.rpartition("@")[2]
        measures = self.measures
        columns = {phase: f"control_plane.recovery_time.{phase}@{fault}" for phase in _CHAIN}
        missing = [name for name in columns.values() if name not in measures]
        if missing:
            prefix = "control_plane.recovery_time@"
            known = ", ".join(name[len(prefix) :] for name in measures if name.startswith(prefix))
            raise KeyError(f"{fault!r}: expected one of the faults that struck: {known or 'none did'}")
        return pd.DataFrame({phase: measures[name] for phase, name in columns.items()})

    @property
    def csv(self) -> str:
        """Byte for byte as ``windtunnel run --seeds A..B --csv`` writes it."""
        return self._core.csv

    @property
    def json(self) -> dict[str, Any]:
        """As ``windtunnel run --seeds A..B --json`` writes it."""
        report: dict[str, Any] = json.loads(self._core.json(self._file))
        return report

    @property
    def report(self) -> str:
        """As ``windtunnel run --seeds A..B`` prints it."""
        return self._core.report(self._file)

    def __repr__(self) -> str:
        return f"<windtunnel.Campaign {self.scenario!r}, {len(self._core.runs)} seeds: {self.verdict}>"

    def plot_recovery(self, fault: Optional[str] = None, **options: Any) -> Any:
        """Draws recovery times over the seeds; see :func:`windtunnel.plot.recovery_cdf`. Returns the Axes."""
        from windtunnel import plot

        return plot.recovery_cdf(self, fault, **options)

    def _repr_html_(self) -> str:
        return html_of_campaign(self)


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _seeds_of(seeds: Sequence[int]) -> "list[int]":
    chosen = [int(seed) for seed in seeds]
    if not chosen:
        raise ValueError("found no seeds; expected at least one")
    if len(set(chosen)) < len(chosen):
        raise ValueError("found a seed twice; expected each once, since equal seeds give equal runs")
    return chosen


def campaign(
    scenario: ScenarioLike,
    seeds: Sequence[int] = range(1000),
    *,
    set: Optional[Settings] = None,
    executor: Optional[Executor] = None,
    jobs: Optional[int] = None,
    chunk: Optional[int] = None,
    progress: Optional[bool] = None,
) -> Campaign:
    """Runs a scenario with many seeds. The result does not depend on where they run, nor on how many at once.

    Args:
        scenario: a path, or a dict in the scenario format.
        seeds: all different; default: 0 to 999.
        set: values to replace, by path: ``{"control_plane.raft.election_ticks": 20}``.
        executor: None: threads of this process, which need no copies and no pickling. Else any executor:
            ``ProcessPoolExecutor()``, ``distributed.Client(...).get_executor()``, ``MPIPoolExecutor()``. Its workers need
            windtunnel; the scenario travels with the work. What a lost worker had under way is run again.
        jobs: threads, without an executor; default: as many as there are cores for this process.
        chunk: seeds given to a worker at once; default: a thirty-second part, at most 16.
        progress: whether to show a progress bar; None: where somebody watches.

    Raises:
        ScenarioError: where the scenario cannot be used.
    """
    loaded = load(scenario, set)
    chosen = _seeds_of(seeds)
    threads = jobs or _cores()
    with Bar(progress, len(chosen), loaded.name, "run") as bar:

        def show(finished: int, not_passed: int) -> None:
            bar.show(finished, f"{not_passed} not passed")

        if executor is None:
            runs = _core.run_seeds(loaded, chosen, min(threads, len(chosen)), show if bar.callback else None)
        else:
            size = chunk or max(1, min(16, len(chosen) // 32))
            runs = run_on_executor(executor, loaded, chosen, size, threads, show)
    file = "<dict>" if isinstance(scenario, dict) else str(scenario)
    return Campaign(_core.judge(loaded, runs), file)
