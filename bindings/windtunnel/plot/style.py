"""How the figures look: one palette, one way to mark faults, one way to split an axes into panels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

# Okabe and Ito's palette, in an order whose neighbours also differ in lightness, for greyscale.
INK = "#222222"
GREY = "#8A8A8A"
PALE = "#E6E6E6"
BLUE = "#0072B2"
SKY = "#56B4E9"
ORANGE = "#E69F00"
GREEN = "#009E73"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
SERIES = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, INK)
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (7, 2)))
#: Parts of a recovery: colour and hatch.
PARTS = {
    "detect": (BLUE, ""),
    "elect": (ORANGE, "///"),
    "propagate": (GREEN, "..."),
    "reconnect": (PURPLE, "\\\\\\"),
    "sustain": (PALE, "xxx"),
}

_SETTINGS: dict[str, Any] = {
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "figure.constrained_layout.use": True,
    "figure.dpi": 96,
    "font.size": 9,
    "grid.color": PALE,
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.6,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
}


@contextmanager
def styled() -> Iterator[None]:
    """The settings of this package, for as long as a figure is drawn; the caller's own come back afterwards. Only these:
    `rc_context` would also take back what a notebook's backend sets up at its first figure."""
    saved = {name: matplotlib.rcParams[name] for name in _SETTINGS}
    matplotlib.rcParams.update(_SETTINGS)
    try:
        yield
    finally:
        matplotlib.rcParams.update(saved)


def fresh_axes(ax: Axes | None, *, width: float = 9.0, height: float = 4.0) -> Axes:
    """The caller's axes, or the only one of a new figure, `width` by `height` inches: notebook width."""
    return ax if ax is not None else plt.subplots(figsize=(width, height))[1]


def stack_below(ax: Axes, heights: list[float]) -> list[Axes]:
    """Splits the place of `ax` into panels over the same x, one below the other, `heights` in proportion. `ax` itself
    becomes the first; the others are returned. An axes that stands free has no place to split: none are returned."""
    place = ax.get_subplotspec()
    if place is None:
        return []
    panels = place.subgridspec(len(heights), 1, height_ratios=heights)
    ax.set_subplotspec(panels[0])
    below = [ax.figure.add_subplot(panels[i], sharex=ax) for i in range(1, len(heights))]
    for panel in [ax, *below][:-1]:
        panel.tick_params(labelbottom=False)
    return below


def caption(ax: Axes, text: str) -> None:
    """A small title, for a panel below the first."""
    ax.set_title(text, fontsize=8.5, fontweight="normal", color=INK, pad=3)


def duration_text(seconds: float) -> str:
    """Three digits and the unit that suits them: "1.40 s", "230 ms", "81 µs"."""
    if seconds != seconds:
        return "unknown"
    if seconds == float("inf"):
        return "never"
    if abs(seconds) >= 60:
        return f"{seconds / 60:.3g} min"
    if abs(seconds) >= 1 or seconds == 0:
        return f"{seconds:.3g} s"
    if abs(seconds) >= 1e-3:
        return f"{seconds * 1e3:.3g} ms"
    return f"{seconds * 1e6:.3g} µs"


def latency_axis(axis: Any) -> None:
    """A logarithmic axis of seconds whose ticks read as durations."""
    axis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda value, _: duration_text(value)))
    axis.set_minor_formatter(matplotlib.ticker.NullFormatter())


def share_axis(axis: Any) -> None:
    """Shares as percents."""
    axis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda share, _: f"{100 * share:g} %"))
