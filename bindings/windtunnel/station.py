"""One host of a service: workers, the queue before them, and what it does when there is too much.

`Station.serve_many(arrivals)` runs a whole trace; `arrive`, `advance` and `finished` go step by step. `work` is
the time that one job takes: seconds, or a distribution of the scenario format, as in
`{"exponential": "10ms"}` or `{"lognormal": {"median": "5ms", "p99": "50ms"}}`.
"""

from windtunnel._core import DagorAdmission, Station

__all__ = ["DagorAdmission", "Station"]
