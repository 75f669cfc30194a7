"""Who is well: outlier detection, suspicion, probes, membership, virtual addresses.

Each component says when it is next due (`next_deadline`, inf for never); `advance(now)` carries out what is.
Messages that a component sends are returned, and are the caller's to deliver, delay or lose.
"""

from windtunnel._core import (
    ContainerProbes,
    HealthCheck,
    OutlierDetector,
    PhiAccrual,
    Swim,
    SwimMessage,
    VrrpAdvertisement,
    VrrpRouter,
    success_rate_threshold,
)

__all__ = [
    "ContainerProbes",
    "HealthCheck",
    "OutlierDetector",
    "PhiAccrual",
    "Swim",
    "SwimMessage",
    "VrrpAdvertisement",
    "VrrpRouter",
    "success_rate_threshold",
]
