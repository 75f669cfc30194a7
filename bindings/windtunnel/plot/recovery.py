"""How long recovery takes over the seeds of a campaign, and where that time goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from windtunnel.plot.style import (
    GREY,
    INK,
    LINES,
    PARTS,
    SERIES,
    caption,
    duration_text,
    fresh_axes,
    share_axis,
    stack_below,
    styled,
)


def recovery_cdf(
    campaigns: Any,
    fault: str | None = None,
    *,
    measure: str = "control_plane.recovery_time",
    label: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draws the share of the seeds that have recovered by a time after the fault, with the median and the worst seed
    marked; below it, where the time went on average.

    Args:
        campaigns: a ``windtunnel.Campaign``, or several by name, ``{"0.5 s": …, "1 s": …}``, of which each gets a
            line and a bar.
        fault: whose recovery; needed where the scenario has several.
        measure: "control_plane.recovery_time", or a service's, "checkout.recovery_time". Only the former has parts.
        label: what the names of ``campaigns`` mean, for the legend.
        ax: is split into the two panels; by default a new figure.

    Returns:
        The axes with the curves.
    """
    several = dict(campaigns) if isinstance(campaigns, Mapping) else {"": campaigns}
    fault = fault if fault is not None else _only_fault(next(iter(several.values())), measure)
    column = f"{measure}@{fault}"
    chains = {name: _mean_parts(campaign.measures, column) for name, campaign in several.items()}
    has_chain = any(chain is not None for chain in chains.values())
    with styled():
        ax = fresh_axes(ax, height=3.6 + (0.9 + 0.32 * len(several) if has_chain else 0))
        below = stack_below(ax, [3.2, 0.75 + 0.32 * len(several)]) if has_chain else []
        worst = 0.0
        for i, (name, campaign) in enumerate(several.items()):
            worst = max(worst, _draw_curve(ax, name, campaign.measures[column], i, alone=len(several) == 1))
        ax.set_xlim(0, worst * 1.04 if worst > 0 else 1)
        ax.set_ylim(0, 1.02)
        share_axis(ax.yaxis)
        ax.set_ylabel("share of the seeds")
        (below[-1] if below else ax).set_xlabel(f"time since {fault}, s")
        ax.set_title(f"How long it takes to recover from {fault}")
        if len(several) > 1:
            ax.legend(title=label or None, loc="best", frameon=True, framealpha=0.85, edgecolor="none")
        if below:
            _draw_parts(below[0], chains, label)
    return ax


def _only_fault(campaign: Any, measure: str) -> str:
    faults: list[str] = [name.split("@", 1)[1] for name in campaign.measures.columns if name.startswith(f"{measure}@")]
    if len(faults) != 1:
        raise ValueError(f"which fault? {measure} is measured after: {', '.join(faults) or 'none'}")
    return faults[0]


def _draw_curve(ax: Axes, name: str, values: pd.Series[float], i: int, *, alone: bool) -> float:
    """One curve; returns the largest finite value."""
    known = values.dropna().to_numpy(dtype=float)
    finite = np.sort(known[np.isfinite(known)])
    never = len(known) - len(finite)
    if not len(finite):
        ax.plot([], [], color=SERIES[i % len(SERIES)], label=f"{name}: none of {len(known)} seeds recovers")
        return 0.0
    share = np.arange(1, len(finite) + 1) / len(known)
    colour, line = SERIES[i % len(SERIES)], LINES[i % len(LINES)]
    median = float(np.quantile(known, 0.5)) if 2 * never < len(known) else np.inf
    worst = duration_text(float(known.max()))
    text = f"{name}: median {duration_text(median)}, worst {worst}" if name else None
    ax.step([0.0, *finite], [0.0, *share], where="post", color=colour, linestyle=line, linewidth=1.8, label=text)
    if alone:
        worst_seed = values.replace(np.inf, np.nan).idxmax()
        for level, name in ((0.5, "median"), (0.95, "95 %")):
            if level <= share[-1]:
                at = float(finite[int(np.searchsorted(share, level))])
                ax.plot([at], [level], marker="o", color=colour, markersize=5)
                ax.annotate(f"{name} {duration_text(at)}", (at, level), xytext=(8, -4), color=INK,
                            textcoords="offset points")
        ax.annotate(f"worst: seed {worst_seed}, {duration_text(finite[-1])}", (finite[-1], share[-1]), color=INK,
                    xytext=(-4, -14), textcoords="offset points", ha="right")
        note = f"{len(known)} seeds" + (f", {never} of which never recover" if never else "")
        ax.text(0.99, 0.04, note, transform=ax.transAxes, ha="right", color=GREY)
    return float(finite[-1])


def _mean_parts(measures: pd.DataFrame, column: str) -> pd.Series[float] | None:
    measure, fault = column.split("@", 1)
    columns = [f"{measure}.{part}@{fault}" for part in PARTS]
    if not set(columns) <= set(measures.columns):
        return None
    recovered = measures[np.isfinite(measures[column].astype(float))]
    means = recovered[columns].mean()
    means.index = pd.Index(list(PARTS))
    return means


def _draw_parts(ax: Axes, chains: dict[str, pd.Series[float] | None], label: str) -> None:
    """The same scale of time as the curves above."""
    for row, chain in enumerate(chains.values()):
        left = 0.0
        for part, length in (chain if chain is not None else pd.Series(dtype=float)).items():
            colour, hatch = PARTS[str(part)]
            ax.barh(row, length, left=left, height=0.6, facecolor=colour, hatch=hatch, edgecolor="white",
                    linewidth=0.5)
            left += float(length)
        ax.annotate(duration_text(left), (left, row), xytext=(4, 0), textcoords="offset points", va="center",
                    fontsize=8, color=INK)
    handles = [Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=part)
               for part, (colour, hatch) in PARTS.items()]
    ax.set_yticks(range(len(chains)), [name or "mean" for name in chains])
    if label and len(chains) > 1:
        ax.set_ylabel(label)
    ax.set_ylim(len(chains) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)
    caption(ax, "where the time goes: mean of the seeds that recover")
    ax.legend(handles=handles, ncol=len(PARTS), loc="lower right", bbox_to_anchor=(1.0, 0.98), handlelength=1.4,
              columnspacing=1.0, borderaxespad=0.1)
