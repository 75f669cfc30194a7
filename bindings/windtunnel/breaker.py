"""Breakers and bulkheads: calls that are turned away before they are made.

`Breaker(preset)` starts from a preset: "scenario" is what a scenario's `"breaker": {}` means, the others are
products with their default figures. Parameters change single figures and are named as in scenarios where
they exist there; `Breaker.presets()` lists them all. A share is a float from 0 to 1, or a text as in "50%".
"""

from windtunnel._core import Breaker, Bulkhead, Permit

__all__ = ["Breaker", "Bulkhead", "Permit"]
