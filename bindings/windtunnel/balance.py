"""Balancers: which endpoint each request goes to.

`Balancer(policy, endpoints)` holds one balancer of one proxy. An endpoint is an address, or a dict with
`address`, `weight`, `zone`, `priority`, `health` ("healthy", "degraded", "draining", "unhealthy") and
`labels`. `Balancer.policies()` lists every policy with its parameters and their defaults; parameters that
all policies have (panic, priorities, zones, subsets) are among them.

Times are seconds as floats, taken to the nearest whole nanosecond (halves away from zero); they never go
back from one call to the next.
"""

from windtunnel._core import Balancer, deterministic_subset

__all__ = ["Balancer", "deterministic_subset"]
