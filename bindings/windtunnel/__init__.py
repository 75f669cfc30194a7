"""A wind tunnel for control planes: run scenarios, and read what they left as data."""

from windtunnel.balance import Balancer, deterministic_subset
from windtunnel.breaker import Breaker, Bulkhead, ConcurrencyLimiter, LimitPermit, Permit, Throttle
from windtunnel.health import (
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
from windtunnel.limit import (
    Decision,
    HierarchicalLimiter,
    KeyedLimiter,
    Limiter,
    QuotaClient,
    QuotaRequest,
    QuotaResponse,
    QuotaServer,
    quota_shares,
)
from windtunnel.raft import RaftCluster, RaftMessage
from windtunnel.retry import Backoff, Hedging, LatencyQuantile, RetryBudget, RetryPolicy, Withdrawal
from windtunnel.station import DagorAdmission, Station

__all__ = [
    "Backoff",
    "Balancer",
    "Breaker",
    "Bulkhead",
    "ConcurrencyLimiter",
    "ContainerProbes",
    "DagorAdmission",
    "Decision",
    "HealthCheck",
    "Hedging",
    "HierarchicalLimiter",
    "KeyedLimiter",
    "LatencyQuantile",
    "LimitPermit",
    "Limiter",
    "OutlierDetector",
    "Permit",
    "PhiAccrual",
    "QuotaClient",
    "QuotaRequest",
    "QuotaResponse",
    "QuotaServer",
    "RaftCluster",
    "RaftMessage",
    "RetryBudget",
    "RetryPolicy",
    "Station",
    "Swim",
    "SwimMessage",
    "Throttle",
    "VrrpAdvertisement",
    "VrrpRouter",
    "Withdrawal",
    "deterministic_subset",
    "quota_shares",
    "success_rate_threshold",
]
