"""What can go wrong, with the texts of the command line."""

from __future__ import annotations

from typing import NamedTuple, Sequence

__all__ = ["Livelock", "Problem", "ProgrammingError", "RunFailure", "ScenarioError"]


class Problem(NamedTuple):
    """One problem of a scenario. ``line`` and ``column`` count from 1, and are 0 where the value does not stand in a
    file: in a dict or in an override."""

    file: str
    line: int
    column: int
    pointer: str
    """JSON pointer (RFC 6901) to the value."""
    found: str
    expected: str
    nearest: str
    """What was probably meant; empty where nothing comes near."""


class ScenarioError(ValueError):
    """A scenario that cannot be used. The text has one line per problem, as ``windtunnel check`` prints them."""

    problems: list[Problem]

    def __init__(self, text: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(text, list(problems))
        self.problems = list(problems)

    def __str__(self) -> str:
        return str(self.args[0])


class RunFailure(RuntimeError):
    """A mistake of windtunnel's own ended the run; the text says when, and what had just happened."""


class ProgrammingError(RuntimeError):
    """windtunnel broke a rule of its own code."""


class Livelock(RuntimeError):
    """More than a million events happened at one instant of virtual time."""
