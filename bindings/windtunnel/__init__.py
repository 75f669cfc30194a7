"""A wind tunnel for control planes: run scenarios, and read what they left as data.

    import windtunnel as wt

    run = wt.run("scenarios/leader-loss.json")
    run.verdict, run.measures, run.timeline, run.chain("leader-loss")
"""

from windtunnel.campaign import Campaign, campaign
from windtunnel.errors import Livelock, Problem, ProgrammingError, RunFailure, ScenarioError
from windtunnel.executors import LostWorkWarning
from windtunnel.run import Moment, Run, expectation, run
from windtunnel.scenario import Plan, check, plan

__all__ = [
    "Campaign",
    "Livelock",
    "LostWorkWarning",
    "Moment",
    "Plan",
    "Problem",
    "ProgrammingError",
    "Run",
    "RunFailure",
    "ScenarioError",
    "campaign",
    "check",
    "expectation",
    "plan",
    "run",
]
