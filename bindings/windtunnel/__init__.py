"""A wind tunnel for control planes: run scenarios, and read what they left as data.

    import windtunnel as wt

    run = wt.run("scenarios/leader-loss.json")
    run.verdict, run.measures, run.timeline, run.chain("leader-loss")
"""

from __future__ import annotations

import importlib
from typing import Any

from windtunnel.balance import Balancer, deterministic_subset
from windtunnel.breaker import Breaker, Bulkhead, Permit
from windtunnel.campaign import Campaign, campaign
from windtunnel.errors import Livelock, Problem, ProgrammingError, RunFailure, ScenarioError
from windtunnel.executors import LostWorkWarning
from windtunnel.limit import Decision, HierarchicalLimiter, KeyedLimiter, Limiter
from windtunnel.raft import RaftCluster, RaftMessage
from windtunnel.retry import Backoff, Hedging, LatencyQuantile, RetryBudget, RetryPolicy, Withdrawal
from windtunnel.run import Moment, Run, expectation, run
from windtunnel.scenario import Plan, check, plan

__all__ = [
    "Backoff",
    "Balancer",
    "Breaker",
    "Bulkhead",
    "Campaign",
    "Decision",
    "Hedging",
    "HierarchicalLimiter",
    "KeyedLimiter",
    "LatencyQuantile",
    "Limiter",
    "Livelock",
    "LostWorkWarning",
    "Moment",
    "Permit",
    "Plan",
    "Problem",
    "ProgrammingError",
    "RaftCluster",
    "RaftMessage",
    "RetryBudget",
    "RetryPolicy",
    "Run",
    "RunFailure",
    "ScenarioError",
    "Withdrawal",
    "campaign",
    "check",
    "deterministic_subset",
    "expectation",
    "plan",
    "plot",
    "run",
]


def __getattr__(name: str) -> Any:
    """`wt.plot` is imported when it is asked for: workers and command lines need no matplotlib."""
    if name == "plot":
        return importlib.import_module("windtunnel.plot")
    raise AttributeError(f"module 'windtunnel' has no attribute {name!r}")
