#!/usr/bin/python3
"""Puts the same requests to a real HAProxy 2.6 and to our policies of that name: every pick of roundrobin and of
leastconn under concurrency is compared, the shares of random(2) by chi-square.

usage: haproxy_test.py PROBE
"""

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile

from held_backends import Backends, Probe, ask, compare, free_port, receive, send, wait_until_listening

VERSION = "2.6"
CONFIG = """
global
  nbthread 1
  stats socket {directory}/stats level admin
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  retries 0
frontend in
  bind 127.0.0.1:{port}
  default_backend backends
backend backends
  balance {method}
  {servers}
"""


class Haproxy:
    """A running HAProxy; `with` ends it."""

    def __init__(self, ports: list, weights: list, method: str):
        self.directory = tempfile.mkdtemp(prefix="haproxy-")
        self.port = free_port()
        servers = "\n  ".join(f"server s{index} 127.0.0.1:{port} weight {weight}"
                              for index, (port, weight) in enumerate(zip(ports, weights)))
        config = os.path.join(self.directory, "haproxy.cfg")
        with open(config, "w") as file:
            file.write(CONFIG.format(directory=self.directory, method=method, servers=servers, port=self.port))
        self._process = subprocess.Popen(["haproxy", "-db", "-q", "-f", config])
        wait_until_listening(self.port, self._process)

    def active(self) -> list:
        """Requests under way by server, as HAProxy counts them."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(f"{self.directory}/stats")
            connection.sendall(b"show stat backends 4 -1\n")
            text = b""
            while part := connection.recv(65536):
                text += part
        rows = [line.split(",") for line in text.decode().splitlines() if line.startswith("backends,s")]
        return [int(row[4]) for row in rows]

    def wait_until_active(self, expected: list):
        for _ in range(2000):
            if self.active() == expected:
                return
        raise TimeoutError(f"HAProxy counts {self.active()}, expected {expected}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self.directory)


def round_robin(program: str, weights: list, count: int) -> bool:
    backends = Backends(len(weights))
    probe = Probe(program, "haproxy_round_robin", weights)
    with Haproxy(backends.ports, weights, "roundrobin") as haproxy:
        theirs = [int(ask(haproxy.port, "/now")) for _ in range(count)]
    ours = []
    for _ in range(count):
        ours.append(probe.pick())
        probe.end(ours[-1])
    probe.close()
    return compare(f"roundrobin {weights}", "HAProxy", theirs, ours)


def least_conn(program: str, weights: list, steps: int, seed: int) -> bool:
    """Requests that begin and end in a scripted order, so that many are under way at once."""
    script = random.Random(seed)
    backends = Backends(len(weights))
    probe = Probe(program, "haproxy_least_conn", weights)
    theirs, ours, held = [], [], []
    active = [0] * len(weights)
    with Haproxy(backends.ports, weights, "leastconn") as haproxy:
        for step in range(steps):
            if held and script.random() < (0.3 if len(held) < 12 else 0.6):
                path, connection, index = held.pop(script.randrange(len(held)))
                backends.release(path)
                receive(connection)
                active[index] -= 1
                haproxy.wait_until_active(active)
                probe.end(index)
            else:
                path = f"/hold/{step}"
                connection = send(haproxy.port, path)
                theirs.append(backends.wait_for(path))
                ours.append(probe.pick())
                if theirs[-1] != ours[-1]:
                    break
                active[ours[-1]] += 1
                held.append((path, connection, theirs[-1]))
        for path, connection, _ in held:
            backends.release(path)
            receive(connection)
    probe.close()
    return compare(f"leastconn {weights}, seed {seed}", "HAProxy", theirs, ours)


def random_draws(program: str, weights: list, count: int) -> bool:
    """Idle servers: of two draws the second stands, so picks follow the shares of the ring. The ring is ours, the
    picks are HAProxy's."""
    backends = Backends(len(weights))
    probe = Probe(program, "haproxy_random", weights)
    shares = probe.shares()
    theirs, ours = [0] * len(weights), [0] * len(weights)
    with Haproxy(backends.ports, weights, "random(2)") as haproxy:
        for _ in range(count):
            theirs[int(ask(haproxy.port, "/now"))] += 1
    for _ in range(count):
        pick = probe.pick()
        probe.end(pick)
        ours[pick] += 1
    probe.close()
    by_weight = [weight / sum(weights) for weight in weights]
    statistic = [sum((seen - count * share) ** 2 / (count * share) for seen, share in zip(picks, expected))
                 for picks, expected in ((theirs, shares), (ours, shares), (theirs, by_weight))]
    limit = 27.9  # chi-square with at most 8 degrees of freedom exceeds this once in 2000 runs
    print(f"random(2) {weights}: ring shares {[round(share, 4) for share in shares]}, chi-square HAProxy "
          f"{statistic[0]:.1f}, ours {statistic[1]:.1f}, limit {limit}; HAProxy against weights {statistic[2]:.1f}")
    return max(statistic[:2]) < limit


def main() -> int:
    if shutil.which("haproxy") is None:
        print("SKIPPED: haproxy is not installed")
        return 77
    version = subprocess.run(["haproxy", "-v"], capture_output=True, text=True).stdout.splitlines()[0]
    if f"version {VERSION}." not in version:
        print(f"SKIPPED: {version} is not {VERSION}")
        return 77
    program = sys.argv[1]
    results = [
        round_robin(program, [5, 1, 1], 280),
        round_robin(program, [1, 1, 1, 1], 200),
        round_robin(program, [7, 3, 3, 2, 1], 500),
        round_robin(program, [256, 1, 50, 50, 37], 900),
        least_conn(program, [1, 1, 1], 300, 1),
        least_conn(program, [5, 1, 1, 3], 400, 2),
        least_conn(program, [2, 2, 1, 1, 4], 400, 3),
        random_draws(program, [1, 1, 1, 1], 6000),
        random_draws(program, [5, 1, 1, 3], 6000),
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
