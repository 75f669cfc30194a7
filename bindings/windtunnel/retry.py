"""Retries: how often, how soon, and how many of them in all.

`Backoff(preset)` gives the waits, `RetryBudget(kind)` limits retries over all requests of a client,
`RetryPolicy(preset)` decides after each attempt of one call, `Hedging()` sends copies before the first has
answered, `LatencyQuantile()` says when that is worth it.
"""

from windtunnel._core import Backoff, Hedging, LatencyQuantile, RetryBudget, RetryPolicy, Withdrawal

__all__ = ["Backoff", "Hedging", "LatencyQuantile", "RetryBudget", "RetryPolicy", "Withdrawal"]
