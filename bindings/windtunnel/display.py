"""What a notebook shows of runs, campaigns and plans. Tables and text without styles: a forge strips styles."""

from __future__ import annotations

import html
import math
from typing import Any, Iterable, Sequence

__all__ = ["html_of_campaign", "html_of_plan", "html_of_run"]

_SIGNS = {"pass": "✓", "fail": "✗", "inconclusive": "?", "error": "✗"}
_BAR_LENGTH = 40


def html_of_run(run: Any) -> str:
    """Verdict, expectations, and where the recovery time after each fault went."""
    parts = [_heading(run.verdict, run.scenario, f"seed {run.seed}, {run.length:g} s of virtual time")]
    parts.append(_list(run.reasons))
    rows = [(_sign(each.verdict), f"<code>{_text(name)}</code>", each.observed, each.bound, f"{each.n:,}", each.explanation)
            for name, each in run.expectations.iterrows()]
    parts.append(_table(("", "expectation", "observed", "bound", "samples", ""), rows))
    for fault in dict.fromkeys(run.faults["id"]):
        chain = run.chain(fault)
        total = float(chain["seconds"].sum())
        if total > 0 and f"control_plane.recovery_time@{fault}" in run.measures.index:
            longest = float(chain["seconds"].max())
            bars = [(phase, f"{part.seconds * 1e3:,.1f} ms", "█" * round(_BAR_LENGTH * part.seconds / longest), part.note)
                    for phase, part in chain.iterrows() if part.seconds > 0]
            value = run.measures["value"][f"control_plane.recovery_time@{fault}"]
            title = f"Recovery of {fault}: {_seconds(value)}"
            parts.append(f"<p>{_text(title)}</p>{_table(('', '', '', ''), bars)}")
    return "".join(parts)


def html_of_campaign(campaign: Any) -> str:
    """Verdict, how many seeds ended how, expectations over seeds, and the statistics of what people ask for first."""
    counts = campaign.runs["verdict"].value_counts()
    text = ", ".join(f"{count:,} {verdict}" for verdict, count in counts.items())
    parts = [_heading(campaign.verdict, campaign.scenario, f"{len(campaign.runs):,} seeds: {text}")]
    if len(campaign.evaluations):
        rows = [(_sign(each.verdict), f"<code>{_text(name)}</code>", each.statistic, f"{each.value:.4g}",
                 f"{each.low:.4g} … {each.high:.4g}", each.bound) for name, each in campaign.evaluations.iterrows()]
        parts.append(_table(("", "expectation", "statistic", "value", "95 % interval", "bound"), rows))
    chosen = [name for name in campaign.statistics.index if name.split("@")[0].endswith(("recovery_time", "outage"))]
    if chosen:
        worst = [(f"<code>{_text(name)}</code>", _seconds(each["p50"]), _seconds(each["p95"]), _seconds(each["max"]),
                  str(each["worst_seed"])) for name, each in campaign.statistics.loc[chosen].iterrows()]
        parts.append(_table(("measure", "median", "p95", "max", "worst seed"), worst))
    return "".join(parts)


def html_of_plan(plan: Any) -> str:
    """As the command line prints it."""
    return f"<pre>{_text(plan.text)}</pre>"


def _heading(verdict: str, name: str, more: str) -> str:
    return f"<p><b>{_sign(verdict)} {_text(verdict)}</b>: {_text(name)} ({_text(more)})</p>"


def _sign(verdict: str) -> str:
    return _SIGNS.get(verdict, "")


def _seconds(value: float) -> str:
    if math.isnan(value):
        return "unknown"
    return "∞" if math.isinf(value) else f"{value:.4g} s"


def _text(value: object) -> str:
    return html.escape(str(value), quote=False)


def _list(lines: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{_text(line)}</li>" for line in lines) + "</ul>" if lines else ""


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells that begin with a tag are HTML already."""
    head = "".join(f"<th>{_text(cell)}</th>" for cell in header)
    cells = ("".join(f"<td>{cell if cell.startswith('<code>') else _text(cell)}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if any(header) else ''}<tbody>{body}</tbody></table>"
