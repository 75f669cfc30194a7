"""Ctrl-C ends what runs, at once, and leaves the interpreter as it was."""

import signal
import subprocess
import sys

import pytest

ENDLESS = {
    "run": "wt.run('scenarios/fleet.json', set={'duration': '3000s'})",
    "campaign": "wt.campaign('scenarios/leader-loss.json', range(1_000_000))",
    "callback": "wt.run('scenarios/fleet.json', set={'duration': '3000s'}, progress=True)",
}


@pytest.mark.parametrize("what", ENDLESS)
def test_an_interrupt_ends_it(what):
    script = f"""
import windtunnel as wt
try:
    print("running", flush=True)
    {ENDLESS[what]}
except KeyboardInterrupt:
    print(wt.run("scenarios/leader-loss.json", seed=7).digest)
"""
    child = subprocess.Popen([sys.executable, "-W", "error", "-c", script], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    with child:
        assert child.stdout.readline() == "running\n"
        child.send_signal(signal.SIGINT)
        printed, errors = child.communicate(timeout=120)
    assert printed.strip() == "996d3ebf110cdf64194fa3440e4c7525", errors
