"""Latency over time as a map: how many requests took how long, when."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.patheffects import Normal, Stroke
from matplotlib.ticker import NullFormatter

from windtunnel.plot.faults import draw_faults, fault_spans
from windtunnel.plot.style import INK, VERMILION, fresh_axes, latency_axis, stack_below, styled

_Floats = npt.NDArray[np.float64]


def latency_heatmap(
    run: Any,
    service: str | None = None,
    *,
    window: float | None = None,
    between: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws how many successful requests took how long (log scale), by the time at which they were due; lines are the
    median and the p99 of each window, and the panel below counts the requests that failed. Two groups of requests, fast
    and slow, show as two ridges where a percentile would show one number.

    Args:
        run: a ``windtunnel.Run``.
        service: whose requests, or "control_plane"; by default the first service, else the control plane.
        window: width of a column, in seconds; by default a hundred-and-twentieth of what is shown.
        between: the stretch to show, in seconds; by default the whole run.
        ax: is split into the two panels; by default a new figure.

    Returns:
        The axes with the map.
    """
    begin, end = between if between is not None else (0.0, float(run.length))
    columns = max(int(round((end - begin) / window)), 1) if window is not None else 120
    service = service if service is not None else _first_service(run)
    requests = run.operations if service == "control_plane" else run.requests(service)
    due = requests["invoked_ns"].to_numpy() * 1e-9
    shown = (due >= begin) & (due < end)
    due, succeeded = due[shown], (requests["outcome"] == "ok").to_numpy()[shown]
    latency = ((requests["ended_ns"] - requests["invoked_ns"]).to_numpy() * 1e-9)[shown]
    spans = fault_spans(run)
    edges = np.linspace(begin, end, columns + 1)
    with styled():
        ax = fresh_axes(ax, height=4.4)
        below = stack_below(ax, [3.4, 0.8])
        if succeeded.any():
            image = _draw_map(ax, due[succeeded], latency[succeeded], edges)
            _draw_scale([ax, *below], image)
        for panel in below:
            ok, failed = (np.histogram(due[which], edges)[0] / np.diff(edges) for which in (succeeded, ~succeeded))
            panel.stairs(ok, edges, color=INK, linewidth=0.8, label="succeeded")
            panel.stairs(failed, edges, color=VERMILION, fill=True, label="failed")
            panel.set_ylabel("requests/s")
            panel.set_ylim(bottom=0)
            panel.legend(ncol=2, loc="upper left", bbox_to_anchor=(0.0, 1.3))
        for panel in [ax, *below]:
            for span in spans.itertuples():
                for at in {span.begin, span.end}:
                    panel.axvline(at, color=VERMILION, linewidth=1.0, linestyle="--")
        draw_faults(ax, spans.assign(end=spans["begin"]), labels=True)
        (below[-1] if below else ax).set_xlabel("virtual time at which the request was due, s")
        ax.set_xlim(begin, end)
        ax.set_title(f"Latency of {service.replace('_', ' ')} · {run.scenario}, seed {run.seed}", pad=16)
    return ax


def _first_service(run: Any) -> str:
    services = list(run.services)
    return str(services[0]) if services else "control_plane"


def _draw_map(ax: Axes, due: _Floats, latency: _Floats, edges: _Floats) -> Any:
    low, high = float(latency.min()), float(latency.max())
    levels = np.geomspace(max(low / 1.3, 1e-6), max(high * 1.3, low * 2), 61)
    counts = np.zeros((len(edges) - 1, len(levels) - 1))
    np.add.at(counts, (np.digitize(due, edges) - 1, np.digitize(latency, levels) - 1), 1)
    cells = np.where(counts > 0, counts, np.nan).T
    image = ax.pcolormesh(edges, levels, cells, norm=LogNorm(vmin=1), cmap="cividis_r", rasterized=True)
    windows = pd.Series(latency).groupby(np.digitize(due, edges) - 1)
    middle = (edges[:-1] + edges[1:]) / 2
    outline = [Stroke(linewidth=2.6, foreground="white"), Normal()]
    for share, line, caption in ((0.5, "-", "median"), (0.99, "--", "p99")):
        quantile = windows.quantile(share).reindex(range(len(middle)))
        ax.plot(middle, quantile, color=INK, linestyle=line, linewidth=1.2, label=caption, path_effects=outline)
    ax.set_yscale("log")
    latency_axis(ax.yaxis)
    ax.set_ylabel("latency (log scale)")
    ax.legend(ncol=2, loc="upper right", frameon=True, framealpha=0.8, edgecolor="none")
    return image


def _draw_scale(panels: list[Axes], image: Any) -> None:
    """Beside all panels, which so stay aligned. In plain numbers: matplotlib typesets powers of ten as mathematics."""
    bar = panels[0].figure.colorbar(image, ax=panels, label="requests in a cell", pad=0.01, format=_plain)
    bar.ax.yaxis.set_minor_formatter(NullFormatter())


def _plain(count: float, _: Any) -> str:
    return f"{count:g}"
