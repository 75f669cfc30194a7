"""A thousand runs leave nothing behind."""

import subprocess
import sys

SCRIPT = """
import gc, json, sys
import windtunnel as wt

scenario = json.load(sys.stdin)

def resident_bytes():
    gc.collect()
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096

def run_some(count):
    for seed in range(count):
        run = wt.run(scenario, seed=seed, events=True)
        assert run.verdict == "pass" and len(run.operations) and len(run.events)

run_some(100)
before = resident_bytes()
run_some(1000)
print(resident_bytes() - before)
"""


def test_memory_is_flat_over_a_thousand_runs(short_scenario):
    import json

    done = subprocess.run([sys.executable, "-W", "error", "-c", SCRIPT], input=json.dumps(short_scenario), text=True,
                          capture_output=True, check=True)
    # A run keeps some 0.3 MB while it lives: one in a hundred lost would show.
    assert int(done.stdout) < 2_000_000
