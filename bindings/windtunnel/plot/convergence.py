"""How a policy reaches the proxies: the share of them that enforce it, over the time since it was committed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from windtunnel.plot.style import GREY, INK, LINES, SERIES, duration_text, fresh_axes, share_axis, styled


def convergence(runs: Any, change: str | None = None, *, label: str = "", ax: Axes | None = None) -> Axes:
    """Draws the share of the proxies that enforce a change of policy, over the time since the store committed it.

    Args:
        runs: a ``windtunnel.Run``, or several by name, ``{"delta": …, "snapshot": …}``, of which each gets a line.
        change: id of the timeline entry; needed where the scenario has several.
        label: what the names of ``runs`` mean, for the legend.
        ax: by default the axes of a new figure.

    Returns:
        The axes.
    """
    several = dict(runs) if isinstance(runs, Mapping) else {"": runs}
    with styled():
        ax = fresh_axes(ax, height=3.8)
        longest = 0.0
        for i, (name, run) in enumerate(several.items()):
            delays, proxies, first_push = _delays(run, change)
            colour, line = SERIES[i % len(SERIES)], LINES[i % len(LINES)]
            share = np.arange(len(delays) + 1) / max(proxies, 1)
            ax.step([0.0, *delays], share, where="post", color=colour, linestyle=line, linewidth=1.8, label=name or None)
            for level, caption in ((0.5, "half"), (0.99, "99 %"), (1.0, "all")):
                at = int(np.ceil(level * proxies)) - 1
                if not 0 <= at < len(delays):
                    continue
                if level != 0.99 or (len(several) == 1 and delays[-1] - delays[at] > 0.1 * delays[-1]):
                    ax.plot([delays[at]], [level], marker="o", markersize=4, color=colour)
                    right = level < 0.99 or i > 0 or len(several) == 1
                    ax.annotate(f"{caption} {duration_text(delays[at])}", (delays[at], level), fontsize=8, color=INK,
                                xytext=(7 if right else -7, -11 if level > 0.6 else -3), textcoords="offset points",
                                ha="left" if right else "right")
            if len(delays):
                longest = max(longest, float(delays[-1]))
            if first_push is not None and i == 0:
                ax.axvline(first_push, color=GREY, linewidth=0.8, linestyle=":")
                ax.annotate("first push", (first_push, 0.0), xytext=(-3, 4), textcoords="offset points", fontsize=8,
                            color=GREY, rotation=90, ha="right", va="bottom")
        ax.set_xlim(0, longest * 1.15 if longest > 0 else 1)
        ax.set_ylim(0, 1.04)
        share_axis(ax.yaxis)
        ax.set_xlabel("since the commit, s")
        ax.set_ylabel("share of the proxies that enforce it")
        run = next(iter(several.values()))
        ax.set_title(f"How {_change(run, change)['id']} reaches {_delays(run, change)[1]} proxies")
        if len(several) > 1:
            ax.legend(title=label or None, loc="lower right")
    return ax


def _change(run: Any, change: str | None) -> Any:
    changes = run.policy_changes
    if change is not None:
        changes = changes[changes["id"] == change]
    if len(changes) != 1:
        raise ValueError(f"which change of policy? the run has: {', '.join(run.policy_changes['id']) or 'none'}")
    return changes.iloc[0]


def _delays(run: Any, change: str | None) -> tuple[npt.NDArray[np.float64], int, float | None]:
    """Seconds from the commit until each proxy enforced the change, ascending; how many proxies it concerns; seconds
    until the first push of it."""
    wanted = _change(run, change)
    committed = float(wanted["committed_at"])
    applied = run.policies_applied
    applied = applied[applied["revision"] >= wanted["revision"]]
    if wanted["proxies"] is not None:
        applied = applied[applied["proxy"].isin(wanted["proxies"])]
    first = applied.groupby("proxy", sort=False, observed=True)["at_ns"].min() * 1e-9
    pushes = run.pushes
    pushed = pushes[pushes["revision"] >= wanted["revision"]]["at_ns"]
    # A change that concerns all concerns whoever was given a first version.
    proxies = len(wanted["proxies"]) if wanted["proxies"] is not None else run.policies_applied["proxy"].nunique()
    delays: npt.NDArray[np.float64] = np.sort(first.to_numpy(dtype=float)) - committed
    return delays, proxies, float(pushed.min()) * 1e-9 - committed if len(pushed) else None
