#!/usr/bin/python3
"""Compares the waits of a VRRP backup with keepalived's: two of its routers stand in network namespaces joined by a pair
of interfaces, the active one is killed or stopped, and the packets say how long the other waited. Skipped (exit code 77)
without keepalived or the right to make namespaces.

usage: keepalived_test.py PROBE
"""

import concurrent.futures
import itertools
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
TOLERANCE = 0.15  # Seconds: the machine may be busy; waits that are confused differ by more.
# (version, the backup's priority, interval in centiseconds, how the active router ends)
CASES = [
    (3, 100, 100, "crash"),
    (3, 1, 30, "crash"),
    (2, 100, 100, "crash"),
    (3, 100, 100, "goodbye"),
]
# Prints arrival time, sender's last byte, and priority of each VRRP packet on an interface.
SNIFFER = """
import socket, sys, time
packets = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
packets.bind((sys.argv[1], 0))
while True:
    data = packets.recv(2048)
    arrived = time.monotonic()
    if len(data) > 24 and data[0] >> 4 == 4 and data[9] == 112:
        header = (data[0] & 15) * 4
        print(arrived, data[15], data[header + 2], flush=True)
"""


class Lan:
    """Two namespaces, a and b, with one link; gone when closed."""

    numbers = itertools.count()

    def __init__(self):
        number = next(Lan.numbers)
        self.names = [f"wt{os.getpid()}-{number}{side}" for side in "ab"]

    def __enter__(self):
        for name in self.names:
            run("ip", "netns", "add", name)
        run("ip", "-n", self.names[0], "link", "add", "v0", "type", "veth", "peer", "name", "v0", "netns", self.names[1])
        for index, name in enumerate(self.names):
            run("ip", "-n", name, "address", "add", f"10.99.0.{index + 1}/24", "dev", "v0")
            run("ip", "-n", name, "link", "set", "v0", "up")
        return self

    def __exit__(self, *_):
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)

    def start(self, index, *command, **options):
        return subprocess.Popen(["ip", "netns", "exec", self.names[index], *command], start_new_session=True, **options)


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


def start_router(lan, index, directory, version, priority, interval):
    text = f"""global_defs {{
  vrrp_version {version}
}}
vrrp_instance one {{
  state BACKUP
  interface v0
  virtual_router_id 51
  priority {priority}
  advert_int {interval / 100:g}
  virtual_ipaddress {{
    10.99.0.100/24
  }}
}}
"""
    path = pathlib.Path(directory)
    (path / f"{index}.conf").write_text(text)
    return lan.start(index, "keepalived", "--vrrp", "--dont-fork", "--log-console", "--use-file", path / f"{index}.conf",
                     "--pid", path / f"{index}.pid", "--vrrp_pid", path / f"{index}.vrrp.pid",
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def end(process, how):
    if process.poll() is None:
        os.killpg(process.pid, how)
        process.wait()


def wait_for_sender(sniffer, last_byte, packets):
    """Reads packets until one comes from this sender."""
    for line in sniffer.stdout:
        arrived, sender, priority = line.split()
        packets.append((float(arrived), int(sender), int(priority)))
        if int(sender) == last_byte:
            return


def measured_wait(version, priority, interval, ending):
    """Seconds between the last packet of the first router and the first of the second."""
    with tempfile.TemporaryDirectory() as directory, Lan() as lan:
        sniffer = lan.start(1, sys.executable, "-c", SNIFFER, "v0", stdout=subprocess.PIPE, text=True)
        routers = []
        packets = []
        try:
            routers.append(start_router(lan, 0, directory, version, 200, interval))
            wait_for_sender(sniffer, 1, packets)
            routers.append(start_router(lan, 1, directory, version, priority, interval))
            time.sleep(3 * interval / 100)
            end(routers[0], signal.SIGKILL if ending == "crash" else signal.SIGTERM)
            wait_for_sender(sniffer, 2, packets)
        finally:
            for process in [*routers, sniffer]:
                end(process, signal.SIGKILL)
    last = max(arrived for arrived, sender, _ in packets if sender == 1)
    first = min(arrived for arrived, sender, _ in packets if sender == 2)
    if (ending == "goodbye") != any(priority == 0 for _, _, priority in packets):
        raise RuntimeError("the active router did not end as it should have")
    return first - last


def main() -> int:
    if not shutil.which("keepalived"):
        print("SKIPPED: no keepalived")
        return SKIPPED
    try:
        with Lan():
            pass
    except (subprocess.CalledProcessError, FileNotFoundError):
        print("SKIPPED: no right to make network namespaces")
        return SKIPPED
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(len(CASES)) as pool:
        waits = list(pool.map(lambda case: measured_wait(*case), CASES))
    for case, theirs in zip(CASES, waits):
        ours = int(subprocess.run([sys.argv[1], *map(str, case)], capture_output=True, text=True, check=True).stdout) / 1e9
        # A second look, where a busy machine may have been late once.
        agrees = abs(ours - theirs) < TOLERANCE or abs(ours - measured_wait(*case)) < TOLERANCE
        failures += not agrees
        print(f"version {case[0]}, priority {case[1]}, interval {case[2] / 100:g} s, {case[3]}: "
              f"ours {ours:.4f} s, keepalived {theirs:.4f} s{'' if agrees else ': DIFFERENT'}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
