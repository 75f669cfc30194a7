"""A wind tunnel for control planes: run scenarios, and read what they left as data.

    import windtunnel as wt

    run = wt.run("scenarios/leader-loss.json")
    run.verdict, run.measures, run.timeline, run.chain("leader-loss")
"""

from __future__ import annotations

import importlib
from typing import Any

from windtunnel.balance import Balancer, deterministic_subset
from windtunnel.breaker import Breaker, Bulkhead, ConcurrencyLimiter, LimitPermit, Permit, Throttle
from windtunnel.campaign import Campaign, campaign
from windtunnel.errors import Livelock, Problem, ProgrammingError, RunFailure, ScenarioError
from windtunnel.executors import LostWorkWarning
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
from windtunnel.run import Moment, Run, expectation, run
from windtunnel.scenario import Plan, check, plan
from windtunnel.station import DagorAdmission, Station

__all__ = [
    "Backoff",
    "Balancer",
    "Breaker",
    "Bulkhead",
    "Campaign",
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
    "Livelock",
    "LostWorkWarning",
    "Moment",
    "OutlierDetector",
    "Permit",
    "PhiAccrual",
    "Plan",
    "Problem",
    "ProgrammingError",
    "QuotaClient",
    "QuotaRequest",
    "QuotaResponse",
    "QuotaServer",
    "RaftCluster",
    "RaftMessage",
    "RetryBudget",
    "RetryPolicy",
    "Run",
    "RunFailure",
    "ScenarioError",
    "Station",
    "Swim",
    "SwimMessage",
    "Throttle",
    "VrrpAdvertisement",
    "VrrpRouter",
    "Withdrawal",
    "campaign",
    "check",
    "deterministic_subset",
    "expectation",
    "plan",
    "plot",
    "quota_shares",
    "run",
    "success_rate_threshold",
]


def __getattr__(name: str) -> Any:
    """`wt.plot` is imported when it is asked for: workers and command lines need no matplotlib."""
    if name == "plot":
        return importlib.import_module("windtunnel.plot")
    raise AttributeError(f"module 'windtunnel' has no attribute {name!r}")
