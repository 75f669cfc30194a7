"""Scenarios and plans: what a run will do, before it does."""

from __future__ import annotations

import json
import os
from typing import Any, Mapping, Optional, Union

import pandas as pd

from windtunnel import _core
from windtunnel.display import html_of_plan

__all__ = ["Plan", "ScenarioLike", "Settings", "check", "load", "plan"]

ScenarioLike = Union[str, "os.PathLike[str]", Mapping[str, Any]]
"""A path to a scenario file, or a scenario as a dict in the format of such a file."""

Settings = Mapping[str, Any]
"""Values to put into a scenario, by path: ``{"control_plane.raft.election_ticks": 20}``. Paths are dotted, or JSON
pointers; elements of an array go by index or by their ``"id"``."""


def _plain(value: Any) -> Any:
    """What JSON has no word for but says: numbers of NumPy, paths, tuples."""
    if hasattr(value, "item"):
        return value.item()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"a scenario holds text, numbers, lists and dicts, and no {type(value).__name__}: {value!r}")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _override(path: str, value: Any) -> str:
    """As ``--set`` takes it: JSON, or text that is no JSON and so stands for itself."""
    is_bare = isinstance(value, str) and not _is_json(value)
    return f"{path}={value if is_bare else json.dumps(value, default=_plain)}"


def overrides_of(set: Optional[Settings]) -> list[str]:
    """The settings as arguments of ``--set``."""
    return [_override(path, value) for path, value in (set or {}).items()]


def load(scenario: ScenarioLike, set: Optional[Settings] = None) -> _core.Scenario:
    """Reads and checks a scenario.

    Raises:
        ScenarioError: with every problem.
    """
    overrides = overrides_of(set)
    if isinstance(scenario, Mapping):
        text = json.dumps(scenario, default=_plain, ensure_ascii=False, indent=1)
        return _core.load_text(text, overrides)
    return _core.load_file(os.fspath(scenario), overrides)


def check(scenario: ScenarioLike, set: Optional[Settings] = None) -> None:
    """Checks a scenario without running it.

    Raises:
        ScenarioError: with every problem, its place, and what was probably meant.
    """
    load(scenario, set)


class Plan:
    """One run with everything decided: hosts numbered, ranges drawn, times absolute."""

    def __init__(self, core: _core.Plan) -> None:
        self._core = core

    @property
    def name(self) -> str:
        """The scenario's."""
        return self._core.name

    @property
    def about(self) -> str:
        """What the scenario is about."""
        return self._core.about

    @property
    def seed(self) -> int:
        """Of everything random."""
        return self._core.seed

    @property
    def length(self) -> float:
        """Seconds of virtual time."""
        return self._core.length

    @property
    def text(self) -> str:
        """As ``windtunnel plan`` prints it."""
        return self._core.text

    @property
    def json(self) -> dict[str, Any]:
        """A scenario that says exactly this run; ``wt.run(plan.json, seed=plan.seed)`` gives an equal digest."""
        scenario: dict[str, Any] = json.loads(self._core.json)
        return scenario

    @property
    def hosts(self) -> pd.DataFrame:
        """One row per host; the index is its number. Columns: name, zone, region, cores, role ("control plane", the
        services with an instance there, "client")."""
        frame = pd.DataFrame(self._core.hosts, columns=["name", "zone", "region", "cores"])
        roles: list[list[str]] = [[] for _ in range(len(frame))]
        for host in self._core.control_plane:
            roles[host].append("control plane")
        for name, service in self._core.services.items():
            for host in service["hosts"]:
                roles[host].append(name)
        for load in self._core.loads:
            for host in load["hosts"]:
                if not roles[host]:
                    roles[host].append("client")
        frame["role"] = [", ".join(each) for each in roles]
        frame.index.name = "host"
        return frame

    @property
    def control_plane(self) -> list[int]:
        """Numbers of the hosts that form it."""
        return self._core.control_plane

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        """By name: ``hosts`` (numbers) and ``calls`` (names of the services that it calls)."""
        return self._core.services

    @property
    def loads(self) -> list[dict[str, Any]]:
        """``to`` (a service, or "control_plane"), ``hosts`` (numbers of the clients'), ``traffic`` (text)."""
        return self._core.loads

    @property
    def timeline(self) -> pd.DataFrame:
        """One row per entry. Columns: id, kind, at and lasts (seconds; NaN: to the end, or not applicable), times, what."""
        frame = pd.DataFrame(self._core.timeline, columns=["id", "kind", "at", "lasts", "times", "what"])
        return frame.astype({"at": float, "lasts": float})

    def __repr__(self) -> str:
        return f"<windtunnel.Plan {self.name!r}, seed {self.seed}, {len(self._core.hosts)} hosts, {self.length:g} s>"

    def plot_topology(self, **options: Any) -> Any:
        """Draws where everything stands; see :func:`windtunnel.plot.topology`. Returns the Axes."""
        from windtunnel import plot

        return plot.topology(self, **options)

    def _repr_html_(self) -> str:
        return html_of_plan(self)


def plan(scenario: ScenarioLike, seed: Optional[int] = None, set: Optional[Settings] = None) -> Plan:
    """What a run will do.

    Args:
        scenario: a path, or a dict in the scenario format.
        seed: of everything random; default: the scenario's.
        set: values to replace, by path.
    """
    return Plan(load(scenario, set).plan(seed))
