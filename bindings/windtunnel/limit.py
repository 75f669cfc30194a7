"""Limiters: how much of something may pass.

`Limiter(kind)` is one limiter, `KeyedLimiter(kind)` one for each key, `HierarchicalLimiter()` a tree of token
buckets; `QuotaServer` and `QuotaClient` share one limit among many. `Limiter.kinds()` lists the kinds with
their parameters and defaults. A rate is events a second, a tuple `(events, seconds)`, or a text as in
"200/s"; it is kept exactly, as a whole number of events in a time.
"""

from windtunnel._core import (
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

__all__ = [
    "Decision",
    "HierarchicalLimiter",
    "KeyedLimiter",
    "Limiter",
    "QuotaClient",
    "QuotaRequest",
    "QuotaResponse",
    "QuotaServer",
    "quota_shares",
]
