"""A wind tunnel for control planes: run scenarios, and read what they left as data."""

from windtunnel.balance import Balancer, deterministic_subset
from windtunnel.breaker import Breaker, Bulkhead, Permit
from windtunnel.limit import Decision, HierarchicalLimiter, KeyedLimiter, Limiter
from windtunnel.raft import RaftCluster, RaftMessage
from windtunnel.retry import Backoff, Hedging, LatencyQuantile, RetryBudget, RetryPolicy, Withdrawal

__all__ = [
    "Backoff",
    "Balancer",
    "Breaker",
    "Bulkhead",
    "Decision",
    "Hedging",
    "HierarchicalLimiter",
    "KeyedLimiter",
    "LatencyQuantile",
    "Limiter",
    "Permit",
    "RaftCluster",
    "RaftMessage",
    "RetryBudget",
    "RetryPolicy",
    "Withdrawal",
    "deterministic_subset",
]
