"""A wind tunnel for control planes: run scenarios, and read what they left as data.

    import windtunnel as wt

    run = wt.run("scenarios/leader-loss.json")
    run.verdict, run.measures, run.timeline, run.chain("leader-loss")
"""

from windtunnel.errors import Livelock, Problem, ProgrammingError, RunFailure, ScenarioError
from windtunnel.run import Run, expectation, run
from windtunnel.scenario import Plan, check, plan

__all__ = [
    "Livelock",
    "Plan",
    "Problem",
    "ProgrammingError",
    "Run",
    "RunFailure",
    "ScenarioError",
    "check",
    "expectation",
    "plan",
    "run",
]
