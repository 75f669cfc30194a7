"""What the tests of the package share: the command line that they are held against, and a short scenario."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEADER_LOSS = "scenarios/leader-loss.json"


@pytest.fixture(autouse=True)
def in_the_root(monkeypatch):
    """Scenario files are named as a user at the root of the repository names them."""
    monkeypatch.chdir(ROOT)


@pytest.fixture
def command_line():
    """Runs the program and returns what it printed, and its errors."""

    def run(*arguments):
        program = os.environ.get("WINDTUNNEL", str(ROOT / "build/release/chaos/windtunnel"))
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
        return done.stdout, done.stderr

    return run


@pytest.fixture
def short_scenario():
    """Three hosts that take 20 writes a second for three seconds, as a dict."""
    return {
        "name": "short",
        "duration": "3s",
        "topology": {
            "zones": {"a": "east", "b": "east", "c": "east"},
            "hosts": {"cp-{a,b,c}": {"zone": "{}"}, "client": {"zone": "a"}},
        },
        "control_plane": {"on": "cp-*"},
        "load": [{"to": "control_plane", "from": "client", "rate": "20/s"}],
        "expect": [{"that": "raft.safety"}],
    }
