"""Breakers, bulkheads, adaptive concurrency and throttles: calls turned away before they are made.

`Breaker(preset)` starts from a preset: "scenario" is what a scenario's `"breaker": {}` means, the others are
products with their default figures. Parameters change single figures and are named as in scenarios where
they exist there; `Breaker.presets()` lists them all. `ConcurrencyLimiter(kind)` follows latency,
`Throttle(kind)` what the service turns down. A share is a float from 0 to 1, or a text as in "50%".
"""

from windtunnel._core import Breaker, Bulkhead, ConcurrencyLimiter, LimitPermit, Permit, Throttle

__all__ = ["Breaker", "Bulkhead", "ConcurrencyLimiter", "LimitPermit", "Permit", "Throttle"]
