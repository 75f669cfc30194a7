"""One campaign spread over the workers of any ``concurrent.futures.Executor``, whatever becomes of them."""

from __future__ import annotations

import warnings
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import Callable, Iterator, Sequence

from windtunnel import _core
from windtunnel.errors import ScenarioError

__all__ = ["LostWorkWarning", "run_on_executor"]

_TRIES = 3
"""How often a chunk is given to the executor before it is run here."""


class LostWorkWarning(RuntimeWarning):
    """Workers were lost; what they had under way is run again, so that the results are the same."""


def run_chunk(scenario: _core.Scenario, seeds: "list[int]") -> "list[_core.CampaignRun]":
    """What a worker does: one thread's work, since there are as many workers as cores."""
    return _core.run_seeds(scenario, seeds, 1, None)


def _chunks(seeds: Sequence[int], size: int) -> "Iterator[list[int]]":
    for first in range(0, len(seeds), size):
        yield list(seeds[first : first + size])


class _Dispatch:
    """Which chunk is where, and which has been lost how often."""

    def __init__(self, executor: Executor, scenario: _core.Scenario) -> None:
        self._executor = executor
        self._scenario = scenario
        self._tries: dict[int, int] = {}
        self.under_way: "dict[Future[list[_core.CampaignRun]], list[int]]" = {}
        self.left: "list[list[int]]" = []
        """Chunks that no worker will run any more."""
        self._is_broken = False

    def give(self, chunk: "list[int]") -> None:
        tries = self._tries.get(chunk[0], 0)
        if self._is_broken or tries == _TRIES:
            self.left.append(chunk)
            return
        try:
            future = self._executor.submit(run_chunk, self._scenario, chunk)
        except RuntimeError as error:  # BrokenExecutor, or shut down.
            self._lose_all(error)
            self.left.append(chunk)
            return
        self._tries[chunk[0]] = tries + 1
        self.under_way[future] = chunk

    def take_back(self, chunk: "list[int]", error: BaseException) -> None:
        """A worker was lost with a chunk: another one gets it."""
        if isinstance(error, BrokenExecutor):
            self._lose_all(error)
        else:
            warnings.warn(f"a worker was lost with {len(chunk)} seeds, which run again ({error!r})", LostWorkWarning,
                          stacklevel=2)
        self.give(chunk)

    def _lose_all(self, error: BaseException) -> None:
        if not self._is_broken:
            self._is_broken = True
            warnings.warn(f"the executor is broken, and what it left runs in this process ({error!r})", LostWorkWarning,
                          stacklevel=2)

    def cancel(self) -> None:
        for future in self.under_way:
            future.cancel()


def _lost(future: "Future[list[_core.CampaignRun]]") -> "BaseException | None":
    """Why the chunk has to run again. A cancelled one was lost too: nobody here cancels what is still waited for."""
    try:
        error = future.exception()
    except BaseException as cancelled:
        if isinstance(cancelled, (KeyboardInterrupt, SystemExit)):
            raise
        return cancelled
    if isinstance(error, ScenarioError):
        raise error
    return error


def run_on_executor(
    executor: Executor,
    scenario: _core.Scenario,
    seeds: Sequence[int],
    chunk: int,
    jobs: int,
    show: Callable[[int, int], None],
) -> "list[_core.CampaignRun]":
    """Runs every seed once. Chunks whose worker is lost are given to another one, at most three times in all, and then
    run in this process; so is the rest where the executor as a whole is broken.

    Args:
        chunk: seeds given to a worker at once.
        jobs: threads for what runs here in the end.
        show: called with how many are finished, and how many of these did not pass.
    """
    dispatch = _Dispatch(executor, scenario)
    runs: list[_core.CampaignRun] = []
    not_passed = 0
    try:
        for each in _chunks(seeds, chunk):
            dispatch.give(each)
        while dispatch.under_way:
            done, _ = wait(dispatch.under_way, return_when=FIRST_COMPLETED)
            for future in done:
                seeds_of_it = dispatch.under_way.pop(future)
                error = _lost(future)
                if error is not None:
                    dispatch.take_back(seeds_of_it, error)
                    continue
                runs += future.result()
                not_passed += sum(not run.passed for run in runs[-len(seeds_of_it) :])
            show(len(runs), not_passed)
    except BaseException:
        dispatch.cancel()
        raise
    left = [seed for each in dispatch.left for seed in each]
    if left:
        before = len(runs)
        runs += _core.run_seeds(scenario, left, jobs, lambda done, bad: show(before + done, not_passed + bad))
    return runs
