"""Series over time, computed from the operations of a run."""

from __future__ import annotations

from typing import Callable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from windtunnel.frames import OUTCOMES

__all__ = ["SERIES", "Series"]

_Floats = npt.NDArray[np.float64]
_OK = OUTCOMES.index("ok")
_UNFINISHED = OUTCOMES.index("unfinished")


class _Windows:
    """The windows [0, w), [w, 2w), ... of a run, and what is counted in them."""

    def __init__(self, length: float, window: float) -> None:
        if not window > 0:
            raise ValueError(f"found a window of {window!r} s; expected more than 0")
        self.window = window
        self.count = max(1, int(np.ceil(round(length / window, 9))))

    def number_of(self, at_ns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        numbers = at_ns // max(1, round(self.window * 1e9))
        # What ends in the instant at which the run does belongs to the last window.
        return np.minimum(numbers, self.count - 1)

    def rate(self, at_ns: npt.NDArray[np.int64]) -> _Floats:
        counts = np.bincount(self.number_of(at_ns), minlength=self.count)[: self.count]
        return np.asarray(counts / self.window, dtype=np.float64)

    def quantile(self, at_ns: npt.NDArray[np.int64], values: _Floats, share: float) -> _Floats:
        """The nearest rank within each window; NaN where it has none."""
        numbers = self.number_of(at_ns)
        order = np.lexsort((values, numbers))
        counts = np.bincount(numbers, minlength=self.count)[: self.count]
        ends = np.cumsum(counts)
        ranks = np.maximum(np.ceil(share * counts).astype(np.int64), 1) - 1
        quantiles = np.full(self.count, np.nan)
        some = counts > 0
        quantiles[some] = values[order[(ends - counts + ranks)[some]]]
        return quantiles


def _ended(operations: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    ended: npt.NDArray[np.void] = operations[operations["outcome"] != _UNFINISHED]
    return ended


def _ok(operations: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    ok: npt.NDArray[np.void] = operations[operations["outcome"] == _OK]
    return ok


def _seconds(operations: npt.NDArray[np.void]) -> _Floats:
    return np.asarray((operations["ended_ns"] - operations["invoked_ns"]) / 1e9, dtype=np.float64)


def _offered(windows: _Windows, operations: npt.NDArray[np.void]) -> _Floats:
    return windows.rate(operations["invoked_ns"])


def _throughput(windows: _Windows, operations: npt.NDArray[np.void]) -> _Floats:
    return windows.rate(_ended(operations)["ended_ns"])


def _goodput(windows: _Windows, operations: npt.NDArray[np.void]) -> _Floats:
    return windows.rate(_ok(operations)["ended_ns"])


def _errors(windows: _Windows, operations: npt.NDArray[np.void]) -> _Floats:
    ended = _ended(operations)
    return windows.rate(ended[ended["outcome"] != _OK]["ended_ns"])


def _attempts(windows: _Windows, operations: npt.NDArray[np.void]) -> _Floats:
    ended = _ended(operations)
    weights = ended["attempts"].astype(np.float64)
    counts = np.bincount(windows.number_of(ended["ended_ns"]), weights=weights, minlength=windows.count)
    return np.asarray(counts[: windows.count] / windows.window, dtype=np.float64)


def _latency(share: float) -> Callable[[_Windows, npt.NDArray[np.void]], _Floats]:
    def latency(windows: _Windows, operations: npt.NDArray[np.void]) -> _Floats:
        ok = _ok(operations)
        return windows.quantile(ok["ended_ns"], _seconds(ok), share)

    return latency


SERIES: Mapping[str, Callable[[_Windows, npt.NDArray[np.void]], _Floats]] = {
    "offered": _offered,
    "throughput": _throughput,
    "goodput": _goodput,
    "errors": _errors,
    "attempts": _attempts,
    "latency_p50": _latency(0.50),
    "latency_p99": _latency(0.99),
}
"""By name. offered: operations invoked, throughput: ended however, goodput: ended well, errors: ended otherwise, attempts:
of the operations that ended; all of them per second of virtual time. latency_p50, latency_p99: seconds, of those that
ended well in the window, NaN where none did."""


class Series(Mapping[str, pd.Series]):
    """``run.series["checkout.goodput"]``: a pandas Series over seconds of virtual time, computed when asked for.

    Names are ``SOURCE.SERIES``: the source is "control_plane" or a service, the series one of :data:`SERIES`.
    """

    def __init__(self, sources: Mapping[str, npt.NDArray[np.void]], length: float, window: float) -> None:
        self._sources = sources
        self._length = length
        self._window = window

    def __getitem__(self, name: str) -> pd.Series:
        source, _, series = name.rpartition(".")
        if source not in self._sources or series not in SERIES:
            raise KeyError(f"{name!r}: expected one of {', '.join(self)}")
        windows = _Windows(self._length, self._window)
        seconds = pd.Index(np.arange(windows.count) * self._window, name="seconds")
        return pd.Series(SERIES[series](windows, self._sources[source]), index=seconds, name=name)

    def __iter__(self) -> Iterator[str]:
        return (f"{source}.{series}" for source in self._sources for series in SERIES)

    def __len__(self) -> int:
        return len(self._sources) * len(SERIES)
