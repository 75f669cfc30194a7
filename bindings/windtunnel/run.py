"""One run as data: verdict, measures, timeline, and every operation and event as DataFrames."""

from __future__ import annotations

import json
from typing import Any, Callable, Iterable, Mapping, NamedTuple, Optional, Sequence, Union

import numpy as np
import numpy.typing as npt
import pandas as pd

from windtunnel import _core
from windtunnel.display import html_of_run
from windtunnel.frames import OPERATION_KINDS, OUTCOMES, frame_of, operations_frame
from windtunnel.progress import Bar
from windtunnel.scenario import Plan, ScenarioLike, Settings, load, overrides_of
from windtunnel.series import Series

__all__ = ["CustomExpectation", "Decision", "Moment", "Run", "expectation", "run"]

Opinion = Union[bool, "tuple[bool, str]"]
"""What a custom expectation says of a run: whether it holds, and perhaps why (not)."""


class CustomExpectation(NamedTuple):
    """An expectation that is a function of the run."""

    name: str
    holds: "Callable[[Run], Opinion]"


def expectation(name: str, holds: "Callable[[Run], Opinion]") -> CustomExpectation:
    """An expectation of your own, for ``wt.run(..., expect=[...])``.

    Args:
        name: how it is called in ``run.expectations`` and in the reasons of a verdict.
        holds: gets the finished run, and returns whether it is as expected, or ``(whether, why)``.
    """
    return CustomExpectation(name, holds)


class Moment(NamedTuple):
    """What there is to know when a fault is about to strike."""

    time: float
    """Seconds of virtual time."""
    leader: Optional[str]
    """The host that leads the control plane."""
    running: "list[str]"
    """Hosts that are up."""
    term: int
    """The leader's; 0 without one."""


Decision = Callable[[Moment], Union[None, str, Sequence[str]]]
"""Whom a fault strikes: a host or several; none of them: a strike that hits nobody; None: no strike at all."""


def _strings(rows: "list[dict[str, Any]]", columns: Sequence[str], numbers: Sequence[str] = ()) -> pd.DataFrame:
    """A frame with these columns even without rows, None being NaN in the numeric ones."""
    return pd.DataFrame(rows, columns=list(columns)).astype({name: float for name in numbers})


class Run:
    """What one run left behind, and how it was judged.

    Times are seconds of virtual time since the start, as float, in what is small; columns that may be long are views of
    the simulator's memory, read-only, with times as whole nanoseconds (int64, named ``*_ns``). Hosts are categories.
    """

    def __init__(self, core: _core.Run, custom: "Sequence[tuple[str, bool, str]]" = ()) -> None:
        self._core = core
        self._custom = list(custom)

    # The verdict.

    @property
    def verdict(self) -> str:
        """ "pass", "fail", "inconclusive" or "error": the worst of all expectations and findings."""
        return self._core.verdict

    @property
    def reasons(self) -> list[str]:
        """Why the verdict is not "pass", one line each."""
        return self._core.reasons

    @property
    def scenario(self) -> str:
        """The scenario's name."""
        return self._core.scenario

    @property
    def seed(self) -> int:
        """Of everything random."""
        return self._core.seed

    @property
    def digest(self) -> str:
        """32 hexadecimal digits over every event. Runs with equal digests had the same events."""
        return self._core.digest

    @property
    def length(self) -> float:
        """Seconds that the scenario asked for."""
        return self._core.length

    @property
    def ended_at(self) -> float:
        """Seconds; less than ``length`` where a breach of an invariant ended the run."""
        return self._core.ended_at

    @property
    def wall_seconds(self) -> float:
        """Real seconds that the run took."""
        return self._core.wall_seconds

    @property
    def hosts(self) -> list[str]:
        """Names; a host's number is its index."""
        return self._core.hosts

    @property
    def steady(self) -> "tuple[float, float]":
        """Where the steady state before the first fault begins and ends, in seconds."""
        return self._core.steady

    @property
    def plan(self) -> Plan:
        """What was run."""
        return Plan(self._core.plan)

    @property
    def report(self) -> str:
        """As ``windtunnel run`` prints it."""
        return self._core.report

    @property
    def json(self) -> dict[str, Any]:
        """The report for machines, as ``windtunnel run --json`` writes it."""
        report: dict[str, Any] = json.loads(self._core.json)
        return report

    @property
    def expectations(self) -> pd.DataFrame:
        """One row per expectation, custom ones last.

        Columns: that, kind ("objective", "gate", "invariant", "custom"), bound and observed (text), value (seconds, count
        or share; inf where censored, NaN where unknown), unit, n (samples), verdict, explanation, from and to (seconds).
        """
        columns = ("that", "kind", "bound", "observed", "value", "unit", "n", "verdict", "explanation", "from", "to")
        rows = self._core.expectations
        for name, holds, why in self._custom:
            rows.append({"name": name, "that": name, "kind": "custom", "bound": "holds", "value": float(holds),
                         "observed": "holds" if holds else "does not hold", "unit": "", "n": 1,
                         "verdict": "pass" if holds else "fail", "explanation": why, "from": 0.0, "to": self.ended_at})
        frame = _strings(rows, ("name", *columns), ("value", "from", "to"))
        return frame.set_index("name")

    @property
    def measures(self) -> pd.DataFrame:
        """One row per measure; the index is its name, as in ``expect``: "control_plane.recovery_time@leader-loss".

        Columns: value (seconds, count or share; inf where censored, NaN without evidence), unit ("s", "count",
        "ratio"), n (samples), why (there is no value), at_least (a lower bound where there is no value, else NaN).
        """
        rows = self._core.measures
        frame = _strings(rows, ("name", "value", "unit", "n", "why", "at_least"), ("value", "at_least"))
        return frame.set_index("name")

    # What happened, in order.

    @property
    def timeline(self) -> pd.DataFrame:
        """Everything rare, in time order.

        Columns: at (seconds), what ("fault", "heal", "candidacy", "leader", "first_success", "restored", "policy",
        "rollout", "rotation", "certificate_expired", "registered", "expired", "breaker", "ejected", "returned", "breach",
        ...), host (where it happened, or None), subject (fault id, service, instance, ...), detail.
        """
        rows: list[tuple[float, str, Optional[str], str, str]] = []
        for strike in self._core.strikes:
            host = strike["targets"][0] if len(strike["targets"]) == 1 else None
            rows.append((strike["injected_at"], "fault", host, strike["id"], strike["detail"]))
            if strike["ended_at"] is not None:
                rows.append((strike["ended_at"], "heal", host, strike["id"], ""))
        for recovery in self._core.recoveries:
            for what in ("first_success", "restored"):
                if recovery[what + "_at"] is not None:
                    rows.append((recovery[what + "_at"], what, None, recovery["id"], "control_plane"))
        rows.extend(self._services_restored())
        hosts = self.hosts
        for each in self._core.candidacies:
            stood = "asked to stand" if each["pre_vote"] else "stood"
            rows.append((each["at_ns"] / 1e9, "candidacy", hosts[each["host"]], "", f"{stood} for term {each['term']}"))
        for each in self._core.leaders:
            rows.append((each["at_ns"] / 1e9, "leader", hosts[each["host"]], "", f"term {each['term']}"))
        for at, proxy, what, callee, endpoint, state, cause in self._core.proxy_changes:
            rows.append((at, what, proxy, endpoint or callee, f"{state}: {cause}" if cause else state))
        rows.extend(self._core.occurrences)
        rows.sort(key=lambda row: row[0])
        return pd.DataFrame(rows, columns=["at", "what", "host", "subject", "detail"]).astype({"at": float})

    def _services_restored(self) -> "list[tuple[float, str, Optional[str], str, str]]":
        """When services were good again after a fault; the control plane is in the recoveries."""
        injected = {each["id"]: each["injected_at"] for each in self._core.recoveries}
        rows: list[tuple[float, str, Optional[str], str, str]] = []
        for measure in self._core.measures:
            name, _, fault = measure["name"].partition("@")
            service = name.removesuffix(".recovery_time")
            if name != service and service in self.services and fault in injected and np.isfinite(measure["value"]):
                rows.append((injected[fault] + measure["value"], "restored", None, fault, service))
        return rows

    @property
    def faults(self) -> pd.DataFrame:
        """One row per strike. Columns: id, kind, targets (list of hosts), detail, injected_at, effective_at, ended_at
        (seconds; NaN: never), touched (messages, operations and processes that it altered)."""
        columns = ("id", "kind", "targets", "detail", "injected_at", "effective_at", "ended_at", "touched")
        return _strings(self._core.strikes, columns, ("injected_at", "effective_at", "ended_at"))

    def chain(self, fault: str) -> pd.DataFrame:
        """Where the recovery time after a fault went.

        Returns:
            Index: phase ("detect", "elect", "propagate", "reconnect", "sustain"). Columns: seconds, note. The seconds add
            up to the recovery time; without recovery, to the fault's window.
        """
        recoveries = {each["id"]: each for each in self._core.recoveries}
        if fault not in recoveries:
            raise KeyError(f"{fault!r}: expected one of the faults that struck: {', '.join(recoveries) or 'none did'}")
        return pd.DataFrame(recoveries[fault]["chain"], columns=["phase", "seconds", "note"]).set_index("phase")

    @property
    def proxy_changes(self) -> pd.DataFrame:
        """What proxies came to think of others, in time order. Columns: at (seconds), proxy (a host), what ("breaker",
        "ejected", "ejection_prevented", "returned", "failed_checks", "passed_checks", "quota"), callee (a service),
        endpoint (a host, or None), state ("open", "ejected", ...), cause."""
        columns = ["at", "proxy", "what", "callee", "endpoint", "state", "cause"]
        return pd.DataFrame(self._core.proxy_changes, columns=columns).astype({"at": float})

    @property
    def policy_changes(self) -> pd.DataFrame:
        """Changes of policy that the timeline asked for. Columns: id, asked_at, committed_at (seconds; NaN: never),
        revision, proxies (list of hosts that it concerns; None: all), callees (whose routes change)."""
        columns = ("id", "asked_at", "committed_at", "revision", "proxies", "callees")
        return _strings(self._core.policy_changes, columns, ("asked_at", "committed_at"))

    @property
    def final_reads(self) -> dict[str, Any]:
        """What a client found that read the whole store at the end: acked, visible, indeterminate writes."""
        return self._core.final_reads

    # Long columns: views of the simulator's memory.

    @property
    def operations(self) -> pd.DataFrame:
        """Operations of clients on the control plane's store; no copy, but of their numbers.

        Columns: number, client (host), kind ("write", "read"), outcome ("ok", "failed", "indeterminate", "unfinished"),
        attempts, invoked_ns, ended_ns, and picked, version, policy, which only requests have.
        """
        return self._operations_frame(self._core.operations, [0])

    def requests(self, service: str) -> pd.DataFrame:
        """Requests of clients to a service; no copy, but of their numbers.

        Columns as of :attr:`operations`. picked: the host that the first attempt went to (missing: nobody); version: of the
        service there (a category; 0: nobody answered); policy: revision of the configuration.
        """
        requests = self._requests_array(service)
        return self._operations_frame(requests, self._core.versions(service))

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        """By name: patience (seconds that its clients wait at most), instances and callers (lists of hosts)."""
        return self._core.services

    @property
    def events(self) -> pd.DataFrame:
        """The event trace, one row per event that the digest covers; no copy. Needs ``wt.run(..., events=True)``.

        Columns: at_ns, host, kind (see :attr:`event_kinds`), subject (number of the peer host of a message), type (see
        :attr:`event_types`; 0: none), content (hash of the payload).
        """
        array = self._core.events
        if len(array) == 0:
            raise ValueError("no events were kept: run with events=True")
        return self._frame(array, kind=self.event_kinds)

    @property
    def event_kinds(self) -> list[str]:
        """Names of the kinds of events, by code."""
        return _core.event_kinds()

    @property
    def event_types(self) -> dict[int, str]:
        """Names of the types of messages and facts, by the number in ``events.type``."""
        return _core.event_types()

    @property
    def leaders(self) -> pd.DataFrame:
        """Elections won; no copy. Columns: at_ns, host, term."""
        return self._frame(self._core.leaders)

    @property
    def candidacies(self) -> pd.DataFrame:
        """Hosts that began to campaign; no copy. Columns: at_ns, host, term, pre_vote."""
        return self._frame(self._core.candidacies)

    @property
    def commits(self) -> pd.DataFrame:
        """Advances of a leader's commit index; no copy. Columns: at_ns, host, term, index."""
        return self._frame(self._core.commits)

    @property
    def pushes(self) -> pd.DataFrame:
        """Configuration on its way; no copy. Columns: at_ns, node (host that sends), proxy (host), revision, bytes."""
        return self._frame(self._core.pushes)

    @property
    def policies_settled(self) -> pd.DataFrame:
        """Versions that a node pushes from then on; no copy. Columns: at_ns, node (host), revision."""
        return self._frame(self._core.policies_settled)

    @property
    def policies_received(self) -> pd.DataFrame:
        """Versions that came to a proxy, where documents cost time; no copy. Columns: at_ns, proxy (host), revision."""
        return self._frame(self._core.policies_received)

    @property
    def policies_applied(self) -> pd.DataFrame:
        """Versions that a proxy enforces from then on; no copy. Columns: at_ns, proxy (host), revision."""
        return self._frame(self._core.policies_applied)

    @property
    def enrolments(self) -> pd.DataFrame:
        """Instances that were told that they are registered; no copy. Columns: at_ns, host."""
        return self._frame(self._core.enrolments)

    # Series over time.

    @property
    def series(self) -> Series:
        """By name, in windows of a second: ``run.series["control_plane.throughput"]``."""
        return self._series(1.0)

    def series_of(self, name: str, window: float = 0.1) -> pd.Series:
        """A series in windows of another length.

        Args:
            name: "control_plane.throughput", "checkout.latency_p99", ...; ``list(run.series)`` names all.
            window: seconds.
        """
        return self._series(window)[name]

    def _series(self, window: float) -> Series:
        sources = {"control_plane": self._core.operations}
        sources.update({name: self._requests_array(name) for name in self.services})
        return Series(sources, self.ended_at, window)

    def _requests_array(self, service: str) -> npt.NDArray[np.void]:
        try:
            return self._core.requests(service)
        except KeyError:
            known = ", ".join(self.services) or "the scenario has none"
            raise KeyError(f"{service!r}: expected one of the services: {known}") from None

    def _operations_frame(self, array: npt.NDArray[np.void], versions: Sequence[int]) -> pd.DataFrame:
        codes = {"kind": OPERATION_KINDS, "outcome": OUTCOMES, "version": versions}
        return operations_frame(array, {**self._host_codes(), **codes})

    def _frame(self, array: npt.NDArray[np.void], **categories: Sequence[str]) -> pd.DataFrame:
        return frame_of(array, {**self._host_codes(), **categories})

    def _host_codes(self) -> dict[str, Sequence[Any]]:
        hosts = self.hosts
        return {name: hosts for name in ("host", "client", "picked", "node", "proxy")}

    def __repr__(self) -> str:
        return f"<windtunnel.Run {self.scenario!r}, seed {self.seed}: {self.verdict}>"

    def plot_timeline(self, **options: Any) -> Any:
        """Draws the run over time; see :func:`windtunnel.plot.timeline`. Returns the Axes."""
        from windtunnel import plot

        return plot.timeline(self, **options)

    def plot_convergence(self, change: Optional[str] = None, **options: Any) -> Any:
        """Draws how a change of policy reaches the proxies; see :func:`windtunnel.plot.convergence`. Returns the Axes."""
        from windtunnel import plot

        return plot.convergence(self, change, **options)

    def plot_latency(self, service: Optional[str] = None, **options: Any) -> Any:
        """Draws latency over time as a map; see :func:`windtunnel.plot.latency_heatmap`. Returns the Axes."""
        from windtunnel import plot

        return plot.latency_heatmap(self, service, **options)

    def _repr_html_(self) -> str:
        return html_of_run(self)


def _replay(scenario: ScenarioLike, seed: int, overrides: Sequence[str]) -> str:
    """The command that runs the same again; a dict has none."""
    if not isinstance(scenario, (str, bytes)) and not hasattr(scenario, "__fspath__"):
        return ""
    return _core.replay_command(str(scenario), seed) + "".join(f" --set '{each}'" for each in overrides)


def _decider(decision: Decision) -> Callable[[float, Optional[str], "list[str]", int], "Optional[list[str]]"]:
    def decide(time: float, leader: Optional[str], running: "list[str]", term: int) -> "Optional[list[str]]":
        hosts = decision(Moment(time, leader, running, term))
        if hosts is None:
            return None
        return [hosts] if isinstance(hosts, str) else list(hosts)

    return decide


def _check_decidable(plan: _core.Plan, decide: Iterable[str]) -> None:
    decidable = [entry["id"] for entry in plan.timeline if entry["has_target"]]
    for fault in decide:
        if fault not in decidable:
            known = ", ".join(decidable) or "the timeline has none"
            raise ValueError(f"found a decision on {fault!r}; expected the id of a fault with a target: {known}")


def _judged(completed: _core.Run, expect: Sequence[CustomExpectation]) -> Run:
    opinions: list[tuple[str, bool, str]] = []
    for each in expect:
        opinion = each.holds(Run(completed))
        holds, why = opinion if isinstance(opinion, tuple) else (opinion, "")
        opinions.append((each.name, bool(holds), why))
    for name, holds, why in opinions:
        if not holds:
            completed.add_finding("fail", f"{name}: {why or 'does not hold'}")
    return Run(completed, opinions)


def run(
    scenario: ScenarioLike,
    *,
    seed: Optional[int] = None,
    set: Optional[Settings] = None,
    events: bool = False,
    expect: Sequence[CustomExpectation] = (),
    decide: Optional[Mapping[str, Decision]] = None,
    progress: Optional[bool] = None,
) -> Run:
    """Runs a scenario once. Other Python threads run meanwhile, and Ctrl-C ends it.

    Args:
        scenario: a path, or a dict in the scenario format.
        seed: of everything random; default: the scenario's.
        set: values to replace, by path: ``{"control_plane.raft.election_ticks": 20}``.
        events: whether to keep the trace of all events (32 bytes each) for ``run.events``.
        expect: expectations beside those of the scenario; see :func:`expectation`.
        decide: whom a fault strikes, decided at the moment of each strike, by the fault's id:
            ``{"leader-loss": lambda moment: moment.leader if moment.time < 30 else None}``. Equal decisions give equal runs;
            the command line cannot replay them.
        progress: whether to show a progress bar; None: where somebody watches.

    Raises:
        ScenarioError: where the scenario cannot be used.
    """
    loaded = load(scenario, set)
    plan = loaded.plan(seed)
    deciders = {fault: _decider(decision) for fault, decision in (decide or {}).items()}
    _check_decidable(plan, deciders)
    replay = "" if deciders else _replay(scenario, plan.seed, overrides_of(set))
    with Bar(progress, 1.0, loaded.name) as bar:
        completed = _core.run(plan, events, replay, bar.callback, deciders)
    return _judged(completed, expect)
