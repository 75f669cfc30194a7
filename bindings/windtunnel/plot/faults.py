"""Faults as bands behind a plot over time, the same in every figure."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from windtunnel.plot.style import INK, VERMILION


def fault_spans(run: Any) -> pd.DataFrame:
    """One row a strike, in order of time: id, kind, begin and end in seconds; a fault that lasts ends with the run.
    What only asks for something (a policy, a canary) has no end of its own: begin equals end."""
    faults = run.faults
    asked = faults["kind"].isin(["policy", "canary"])
    end = faults["ended_at"].astype(float).fillna(float(run.length)).clip(upper=float(run.length))
    begin = faults["injected_at"].astype(float)
    spans = pd.DataFrame({"id": faults["id"], "kind": faults["kind"], "begin": begin, "end": end.where(~asked, begin)})
    return spans.sort_values("begin", kind="stable").reset_index(drop=True)


def draw_faults(ax: Axes, spans: pd.DataFrame, *, labels: bool, most: int = 40) -> None:
    """Bands on `ax`, with ids above it where `labels`. Of more than `most` strikes only the first are drawn."""
    named: set[str] = set()
    for span in spans.head(most).itertuples():
        if span.end > span.begin:
            ax.axvspan(span.begin, span.end, facecolor=VERMILION, alpha=0.13, edgecolor="none", zorder=0.5)
        ax.axvline(span.begin, color=VERMILION, linewidth=1.0, zorder=0.6)
        if labels and span.id not in named:
            named.add(span.id)
            kind = span.kind.replace("_", " ")
            text = span.id if kind in span.id.replace("-", " ") else f"{span.id} ({kind})"
            ax.annotate(text, (span.begin, 1.0), xycoords=("data", "axes fraction"), xytext=(3, 2), color=INK,
                        textcoords="offset points", fontsize=8, va="bottom", annotation_clip=True)
