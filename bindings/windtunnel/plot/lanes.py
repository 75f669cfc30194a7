"""What stands in the lanes of a timeline: who led and stood for election, who was down, what was ejected, which
breakers were open. Data only; timeline.py draws it."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pandas as pd

#: Faults that end whatever a host was doing.
_FATAL = ("crash", "host_loss")
#: So many struck hosts get a lane of their own.
_MOST_STRUCK = 6


class Bar(NamedTuple):
    """A stretch of time in seconds. `what`: "leads", "ejected" or "open"; `number`: the term, or how many proxies."""

    begin: float
    end: float
    what: str
    number: int

    @property
    def text(self) -> str:
        """For people."""
        if self.what == "leads":
            return f"leads, term {self.number}"
        return f"by {self.number} {'proxy' if self.number == 1 else 'proxies'}"


class Lane:
    """A row of the timeline: bars, candidacies as (at, whether a real one), and when its host was down."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.bars: list[Bar] = []
        self.candidacies: list[tuple[float, bool]] = []
        self.down: list[tuple[float, float]] = []


def lanes_of(run: Any, begin: float, end: float) -> list[Lane]:
    """Hosts first, then endpoints that proxies ejected and services towards which breakers opened, as far as they have
    something to show between `begin` and `end`."""
    conditions = [*_ejections(run), *_breakers(run)]
    shown = [lane for lane in conditions if any(bar.begin < end and bar.end > begin for bar in lane.bars)]
    return [*_hosts(run), *shown]


def _hosts(run: Any) -> list[Lane]:
    lanes: dict[str, Lane] = {}
    faults = run.faults
    fatal = faults[faults["kind"].isin(_FATAL)]
    won = run.leaders
    leaders = [(at * 1e-9, str(host), int(term)) for at, host, term in zip(won["at_ns"], won["host"], won["term"])]
    for i, (at, host, term) in enumerate(leaders):
        end = leaders[i + 1][0] if i + 1 < len(leaders) else float(run.length)
        for fault in fatal.itertuples():
            if host in fault.targets and at <= fault.injected_at < end:
                end = float(fault.injected_at)
        lanes.setdefault(host, Lane(host)).bars.append(Bar(at, end, "leads", term))
    stood = run.candidacies
    for at, host, pre_vote in zip(stood["at_ns"], stood["host"], stood["pre_vote"]):
        lanes.setdefault(str(host), Lane(str(host))).candidacies.append((at * 1e-9, not pre_vote))
    struck = faults[faults["kind"].isin((*_FATAL, "pause"))]
    names = {host for targets in struck["targets"] for host in targets}
    if len(names | set(lanes)) <= _MOST_STRUCK:
        for name in names - set(lanes):
            lanes[name] = Lane(name)
    for fault in struck.itertuples():
        ended = float(run.length) if pd.isna(fault.ended_at) else float(fault.ended_at)
        for host in set(fault.targets) & set(lanes):
            lanes[host].down.append((float(fault.injected_at), ended))
    return [lanes[name] for name in sorted(lanes, key=_natural)]


def _ejections(run: Any) -> list[Lane]:
    """A lane for each endpoint, with a bar for as long as at least one proxy kept it out."""
    changes = run.proxy_changes
    changes = changes[changes["what"].isin(["ejected", "returned"])]
    lanes = {}
    for endpoint, rows in changes.groupby("endpoint"):
        lanes[endpoint] = Lane(f"{endpoint} ejected")
        lanes[endpoint].bars = _held(run, rows, rows["what"] == "ejected", "ejected")
    return [lanes[endpoint] for endpoint in sorted(lanes, key=_natural)]


def _breakers(run: Any) -> list[Lane]:
    """A lane for each service, with a bar for as long as at least one proxy's breaker towards it was open."""
    changes = run.proxy_changes
    changes = changes[changes["what"] == "breaker"]
    lanes = []
    for callee, rows in changes.groupby("callee"):
        lanes.append(Lane(f"breaker to {callee}"))
        lanes[-1].bars = _held(run, rows, rows["state"] != "closed", "open")
    return lanes


def _held(run: Any, rows: pd.DataFrame, begins: pd.Series[bool], what: str) -> list[Bar]:
    """Stretches in which at least one proxy holds a state; their number says how many did at most."""
    holders: set[str] = set()
    bars: list[Bar] = []
    since, most = 0.0, 0
    for at, proxy, begun in zip(rows["at"], rows["proxy"], begins):
        if begun and not holders:
            since, most = float(at), 0
        had = bool(holders)
        holders = holders | {proxy} if begun else holders - {proxy}
        most = max(most, len(holders))
        if had and not holders:
            bars.append(Bar(since, float(at), what, most))
    if holders:
        bars.append(Bar(since, float(run.length), what, most))
    return bars


def _natural(name: str) -> list[tuple[int, str]]:
    """web-2 before web-12."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]
