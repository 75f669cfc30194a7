"""A run over time: faults as bands, who led, who stood for election, what was ejected, and what clients saw."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from windtunnel.plot.faults import draw_faults, fault_spans
from windtunnel.plot.lanes import Lane, lanes_of
from windtunnel.plot.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    SKY,
    VERMILION,
    caption,
    duration_text,
    fresh_axes,
    latency_axis,
    stack_below,
    styled,
)

_MOST_LANES = 16
#: Marks of a candidacy, by whether it is a real one or a host that asks whether it should stand.
_MARKS: dict[bool, dict[str, Any]] = {
    real: {"linestyle": "none", "marker": "^", "markersize": 6, "markerfacecolor": face, "markeredgecolor": INK,
           "markeredgewidth": 0.8}
    for real, face in ((False, "white"), (True, ORANGE))
}
_DOWN: dict[str, Any] = {"facecolor": "white", "edgecolor": GREY, "hatch": "////", "linewidth": 0.5}


def timeline(
    run: Any,
    *,
    service: str | None = None,
    window: float | None = None,
    between: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws a run over time: lanes above, goodput and p99 latency below, faults as bands through all of them.

    There is a lane for each host that led or stood for election, with a bar for each term; one for each endpoint that
    proxies ejected; and one for each service towards which breakers opened.

    Args:
        run: a ``windtunnel.Run``.
        service: whose clients the panels below show; by default the first service, else the control plane.
        window: over which goodput and p99 are taken, in seconds; by default a two-hundredth of what is shown, and 0.1
            at least.
        between: the stretch to show, in seconds; by default the whole run.
        ax: is split into the panels; by default a new figure.

    Returns:
        The axes with the lanes.
    """
    begin, end = between if between is not None else (0.0, float(run.length))
    window = window if window is not None else max((end - begin) / 200, 0.1)
    subject = service if service is not None else next(iter(run.services), "control_plane")
    lanes = lanes_of(run, begin, end)
    spans = fault_spans(run)
    with styled():
        height = 0.35 + 0.27 * max(min(len(lanes), _MOST_LANES), 1)
        ax = fresh_axes(ax, height=height + 3.1)
        below = stack_below(ax, [height, 1.25, 1.25])
        _draw_lanes(ax, lanes, begin, end)
        if below:
            _draw_goodput(below[0], run, subject, window)
            _draw_latency(below[1], run, subject, window, between)
        for panel in [ax, *below]:
            draw_faults(panel, spans, labels=panel is ax)
            panel.set_xlim(begin, end)
        [ax, *below][-1].set_xlabel("virtual time, s")
        _draw_legend([ax, *below][min(1, len(below))], lanes)
        ax.set_title(f"{run.scenario} · seed {run.seed} · {run.verdict}", pad=16)
    return ax


def _draw_lanes(ax: Axes, lanes: list[Lane], first: float, last: float) -> None:
    shown = lanes[:_MOST_LANES]
    for row, lane in enumerate(shown):
        for begin, end in lane.down:
            ax.barh(row, end - begin, left=begin, height=0.62, zorder=1, **_DOWN)
        for bar in lane.bars:
            # Terms alternate between two blues, so that a leader that follows itself shows as well.
            colour = {"leads": (SKY, BLUE)[bar.number % 2], "ejected": ORANGE, "open": VERMILION}[bar.what]
            ax.barh(row, bar.end - bar.begin, left=bar.begin, height=0.62, color=colour, zorder=2)
            if min(bar.end, last) - max(bar.begin, first) > 0.12 * (last - first):
                left = max(bar.begin, first) + 0.012 * (last - first)
                ax.text(left, row, bar.text, va="center", fontsize=8, zorder=3, color="white" if colour == BLUE else INK)
        for real, look in _MARKS.items():
            at = [when for when, is_real in lane.candidacies if is_real == real]
            ax.plot(at, [row] * len(at), zorder=4, **look)
    ax.set_yticks(range(len(shown)), [lane.name for lane in shown])
    ax.set_ylim(max(len(shown), 1) - 0.45, -0.55)
    ax.grid(axis="y", visible=False)
    if len(lanes) > _MOST_LANES:
        more = f"and {len(lanes) - _MOST_LANES} more lanes"
        ax.annotate(more, (0, 0), xycoords="axes fraction", xytext=(0, -3), textcoords="offset points", fontsize=8,
                    color=GREY, va="top")
    if not lanes:
        ax.text(0.5, 0.5, "nobody led, stood for election or was ejected", transform=ax.transAxes, ha="center",
                va="center", color=GREY)


def _draw_legend(ax: Axes, lanes: list[Lane]) -> None:
    """Above the panel below the lanes, where there is room for it."""
    marks = {real for lane in lanes for _, real in lane.candidacies}
    handles = [Line2D([], [], label="stands for election" if real else "asks to stand", **_MARKS[real])
               for real in sorted(marks)]
    if any(lane.down for lane in lanes):
        handles.append(Patch(label="down or paused", **_DOWN))
    if handles:
        ax.legend(handles=handles, ncol=3, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.1,
                  handletextpad=0.4)


def _draw_goodput(ax: Axes, run: Any, subject: str, window: float) -> None:
    good, offered = (run.series_of(f"{subject}.{series}", window=window) for series in ("goodput", "offered"))
    ax.fill_between(good.index, good.to_numpy(), step="post", color=PALE, linewidth=0)
    ax.step(good.index, good.to_numpy(), where="post", color=INK, linewidth=0.9)
    ax.step(offered.index, offered.to_numpy(), where="post", color=VERMILION, linewidth=0.8, linestyle=":")
    ax.set_ylim(bottom=0)
    ax.set_ylabel("per second")
    caption(ax, f"{_title(subject)}: successes; dotted: asked for")


def _draw_latency(ax: Axes, run: Any, subject: str, window: float, between: tuple[float, float] | None) -> None:
    p99 = run.series_of(f"{subject}.latency_p99", window=window)
    ax.step(p99.index, p99.to_numpy(), where="post", color=BLUE, linewidth=1.1)
    ax.set_yscale("log")
    latency_axis(ax.yaxis)
    first, last = between if between is not None else (0.0, float(run.length))
    shown = p99[(p99.index >= first) & (p99.index <= last)].dropna()
    if len(shown):
        # A decade at least: the noise of a steady state should look like noise.
        low, high = float(shown.min()) / 1.5, float(shown.max()) * 1.5
        ax.set_ylim(low, max(high, low * 12))
    ax.set_ylabel("p99 latency")
    caption(ax, f"{_title(subject)}: p99 latency of each {duration_text(window)}")


def _title(subject: str) -> str:
    return subject.replace("_", " ")
