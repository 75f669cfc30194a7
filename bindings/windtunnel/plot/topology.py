"""Where everything stands: hosts in zones, zones in regions, and how far apart they are."""

from __future__ import annotations

import math
import re
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch

from windtunnel.plot.style import GREY, INK, PALE, SERIES, fresh_axes, styled

#: Of one group of hosts in one zone, so many are drawn as dots of their own.
_MOST_DOTS = 40
_ACROSS = 10


def topology(plan: Any, *, ax: Axes | None = None) -> Axes:
    """Draws the zones of a plan as boxes, grouped by region, with their hosts as dots by what they do, and the one-way
    latency within a zone, between zones and between regions.

    Args:
        plan: a ``windtunnel.Plan``.
        ax: by default the axes of a new figure.

    Returns:
        The axes.
    """
    hosts = plan.hosts.assign(role=_roles(plan.hosts))
    latency = plan.json["topology"].get("latency", {})
    regions = list(dict.fromkeys(hosts["region"]))
    zones = {region: list(dict.fromkeys(hosts.loc[hosts["region"] == region, "zone"])) for region in regions}
    roles = sorted(set(hosts["role"]), key=_rank)
    looks = {role: (SERIES[i % len(SERIES)], "os^Dvp*Xh"[i % 9]) for i, role in enumerate(roles)}
    with styled():
        wide = sum(len(names) for names in zones.values())
        rows = max(_rows(members, roles) for _, members in hosts.groupby("zone"))
        ax = fresh_axes(ax, height=2.3 + 0.15 * rows)
        left = 0.0
        centres: dict[str, float] = {}
        for region in regions:
            begin = left
            for zone in zones[region]:
                members = hosts[hosts["zone"] == zone]
                _draw_zone(ax, left, zone, members, looks, rows)
                centres[zone] = left + 0.5
                left += 1.3
            ax.add_patch(FancyBboxPatch((begin - 0.1, -0.22), left - begin - 0.1, 1.56, boxstyle="round,pad=0.02",
                                        facecolor="none", edgecolor=GREY, linestyle="--", linewidth=0.9))
            ax.text(begin - 0.06, 1.38, f"region {region}", fontsize=9, weight="bold", color=INK, va="bottom")
            for first, second in zip(zones[region], zones[region][1:]):
                _draw_edge(ax, centres[first] + 0.5, centres[second] - 0.5, 0.62, latency.get("region"))
            left += 0.35
        for first, second in zip(regions, regions[1:]):
            begin, end = centres[zones[first][-1]] + 0.66, centres[zones[second][0]] - 0.66
            _draw_edge(ax, begin, end, 1.2, latency.get("wan"))
        ax.set_xlim(-0.2, left - 0.35 + 0.1)
        ax.set_ylim(-0.62, 1.55)
        ax.axis("off")
        distances = {"within a zone": latency.get("zone")}
        if wide > len(regions):
            distances["between zones"] = latency.get("region")
        if len(regions) > 1:
            distances["between regions"] = latency.get("wan")
        texts = [f"{where} {_distribution_text(what)}" for where, what in distances.items() if what is not None]
        ax.text(0.0, -0.34, "one way: " + ",  ".join(texts), fontsize=9, color=INK, va="top")
        counts = hosts["role"].value_counts()
        handles = [Line2D([], [], linestyle="none", marker=marker, color=colour, label=f"{role} ({counts[role]})")
                   for role, (colour, marker) in looks.items()]
        ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(-0.01, -0.06), ncol=min(len(handles), 5),
                  handletextpad=0.2)
        ax.set_title(f"{plan.name}: {len(hosts)} hosts")
    return ax


def _roles(hosts: pd.DataFrame) -> pd.Series[str]:
    """What each host does. Where there are many services, which of them does not matter any more."""
    roles = hosts["role"].where(hosts["role"] != "", "others")
    services = set(roles) - {"control plane", "client", "others"}
    return roles.where(~roles.isin(services), "services") if len(services) > 5 else roles


def _rank(role: str) -> tuple[int, str]:
    return ({"control plane": 0, "client": 2, "others": 3}.get(role, 1), role)


def _rows(hosts: pd.DataFrame, roles: list[str]) -> int:
    """Lines that a zone with these hosts needs: for each role its name, and its dots."""
    sizes = [int((hosts["role"] == role).sum()) for role in roles]
    return sum(1 + math.ceil(min(size, _MOST_DOTS) / _ACROSS) for size in sizes if size)


def _draw_zone(
    ax: Axes, left: float, zone: str, hosts: pd.DataFrame, looks: dict[str, tuple[str, str]], rows: int
) -> None:
    ax.add_patch(FancyBboxPatch((left, -0.1), 1.0, 1.28, boxstyle="round,pad=0.02", facecolor=PALE, edgecolor=GREY,
                                linewidth=0.8, alpha=0.6))
    ax.text(left + 0.02, 1.11, f"zone {zone}", fontsize=9, color=INK, va="center")
    groups = {role: hosts[hosts["role"] == role] for role in looks if (hosts["role"] == role).any()}
    step = 1.04 / max(rows, 5)
    top = 0.98
    for role, group in groups.items():
        colour, marker = looks[role]
        ax.text(left + 0.03, top, _names_text(list(group["name"])), fontsize=7.5, color=INK, va="center")
        shown = min(len(group), _MOST_DOTS)
        xs = [left + 0.06 + 0.095 * (i % _ACROSS) for i in range(shown)]
        ys = [top - step * (1 + i // _ACROSS) for i in range(shown)]
        ax.plot(xs, ys, linestyle="none", marker=marker, markersize=5.5, color=colour)
        top -= step * (1 + math.ceil(shown / _ACROSS))


def _names_text(names: list[str]) -> str:
    """One name, or what all begin with, and how many there are."""
    if len(names) == 1:
        return names[0]
    common = names[0]
    for name in names[1:]:
        while not name.startswith(common):
            common = common[:-1]
    common = re.sub(r"\d+$", "", common)
    return f"{common}* × {len(names)}" if common else f"{len(names)} hosts"


def _draw_edge(ax: Axes, begin: float, end: float, height: float, latency: Any) -> None:
    if latency is not None:
        ax.text((begin + end) / 2, height + 0.04, _typical_text(latency), ha="center", va="bottom", fontsize=8,
                color=INK)
    ax.annotate("", (end, height), (begin, height), arrowprops={"arrowstyle": "<->", "color": INK, "linewidth": 1.0})


def _distribution_text(value: Any) -> str:
    """A latency of the scenario format, for people."""
    if not isinstance(value, dict):
        return str(value)
    if "lognormal" in value:
        value = value["lognormal"]
    if "median" in value:
        return f"median {value['median']}, p99 {value['p99']}"
    kind, what = next(iter(value.items()))
    if kind == "exponential":
        return f"exponential, mean {what}"
    if kind == "uniform":
        return f"{what[0]} to {what[1]}"
    return f"{kind}"


def _typical_text(latency: Any) -> str:
    """The one figure that stands for a distribution, where there is room for one."""
    text = _distribution_text(latency)
    found = re.search(r"[0-9.]+(ns|us|ms|s|m)", text)
    return found.group(0) if found else text
