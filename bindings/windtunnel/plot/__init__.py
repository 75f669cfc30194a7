"""Figures that a reader understands without the code. Each function takes ``ax=None`` and returns the Axes; without one
it makes a figure at notebook width. Colours are Okabe and Ito's, and lines, hatches and marks differ as well, for
greyscale."""

from windtunnel.plot.convergence import convergence
from windtunnel.plot.heatmap import latency_heatmap
from windtunnel.plot.recovery import recovery_cdf
from windtunnel.plot.timeline import timeline
from windtunnel.plot.topology import topology

__all__ = ["convergence", "latency_heatmap", "recovery_cdf", "timeline", "topology"]
