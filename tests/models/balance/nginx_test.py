#!/usr/bin/python3
"""Puts the same requests to a real nginx 1.22 and to our policies of that name, and compares every pick: smooth
weighted round robin, least_conn under concurrency, passive failures with max_fails and fail_timeout, and the shares
of `random two least_conn`.

usage: nginx_test.py PROBE
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from held_backends import Backends, Probe, ask, compare, free_port, receive, send, wait_until_listening

VERSION = "1.22"
CONFIG = """
{user}
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  upstream backends {{
    {method}
    {servers}
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://backends; proxy_next_upstream {next_upstream}; }}
  }}
}}
"""


class Nginx:
    """A running nginx; `with` ends it."""

    def __init__(self, ports: list, weights: list, method: str = "", max_fails: int = 0, fail_timeout: int = 10,
                 next_upstream: str = "off"):
        self.directory = tempfile.mkdtemp(prefix="nginx-")
        self.port = free_port()
        servers = "\n".join(
            f"server 127.0.0.1:{port} weight={weight} max_fails={max_fails} fail_timeout={fail_timeout}s;"
            for port, weight in zip(ports, weights))
        config = os.path.join(self.directory, "nginx.conf")
        with open(config, "w") as file:
            file.write(CONFIG.format(user="user root;" if os.getuid() == 0 else "", directory=self.directory,
                                     method=method, servers=servers, port=self.port, next_upstream=next_upstream))
        self._process = subprocess.Popen(
            ["nginx", "-p", self.directory, "-c", config, "-e", os.path.join(self.directory, "error.log")])
        wait_until_listening(self.port, self._process)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()
        shutil.rmtree(self.directory)


def round_robin(program: str, weights: list, count: int) -> bool:
    backends = Backends(len(weights))
    probe = Probe(program, "nginx_round_robin", weights)
    with Nginx(backends.ports, weights) as nginx:
        theirs = [int(ask(nginx.port, "/now")) for _ in range(count)]
    ours = []
    for _ in range(count):
        ours.append(probe.pick())
        probe.end(ours[-1])
    probe.close()
    return compare(f"round robin {weights}", "nginx", theirs, ours)


def least_conn(program: str, weights: list, steps: int, seed: int) -> bool:
    """Requests that begin and end in a scripted order, so that many are under way at once."""
    script = random.Random(seed)
    backends = Backends(len(weights))
    probe = Probe(program, "nginx_least_conn", weights)
    theirs, ours, held = [], [], []
    with Nginx(backends.ports, weights, "least_conn;") as nginx:
        for step in range(steps):
            if held and script.random() < (0.3 if len(held) < 12 else 0.6):
                path, connection, index = held.pop(script.randrange(len(held)))
                backends.release(path)
                receive(connection)
                probe.end(index)
            else:
                path = f"/hold/{step}"
                connection = send(nginx.port, path)
                theirs.append(backends.wait_for(path))
                ours.append(probe.pick())
                if theirs[-1] != ours[-1]:
                    break
                held.append((path, connection, theirs[-1]))
        for path, connection, _ in held:
            backends.release(path)
            receive(connection)
    probe.close()
    return compare(f"least_conn {weights}, seed {seed}", "nginx", theirs, ours)


def retries(program: str, method: str, policy: str, weights: list, requests: int, seed: int) -> bool:
    """Requests whose first attempts fail, so that nginx goes on to peers that it has not tried."""
    script = random.Random(seed)
    backends = Backends(len(weights))
    probe = Probe(program, policy, weights)
    theirs, ours = [], []
    with Nginx(backends.ports, weights, method, next_upstream="error") as nginx:
        for request in range(requests):
            failing = script.randrange(len(weights) + 1)
            path = f"/failing/{failing}/{request}"
            ask(nginx.port, path)
            theirs += backends.visits.pop(path)
            tried = ()
            for attempt in range(min(failing + 1, len(weights))):
                tried += (probe.pick(tried=tried),)
                probe.end(tried[-1], attempt == failing)
            ours += tried
    probe.close()
    return compare(f"retries with {method or 'round robin'} {weights}", "nginx", theirs, ours)


def wait_for_middle_of_second() -> int:
    """nginx counts whole seconds: a step near a change of second could be counted in either."""
    while True:
        now = time.time()
        if 0.02 < now % 1 < 0.8:
            return int(now * 1e9)


class CrossedSecond(Exception):
    """A request took so long that nginx may have counted it in the next second."""


def failures(program: str, method: str, policy: str, weights: list, max_fails: int, seed: int):
    """One request at a time, failures by script. None where the machine is too busy to say in which second nginx
    counted a request."""
    for _ in range(5):
        try:
            return failures_once(program, method, policy, weights, max_fails, seed)
        except CrossedSecond:
            print("  a request crossed a second's end; once more")
    return None


def failures_once(program: str, method: str, policy: str, weights: list, max_fails: int, seed: int) -> bool:
    """Three rounds: failures among successes, then successes alone until every fail_timeout is over and all have
    been tried again. How fast the machine is decides only how many successes there are."""
    fail_timeout = 1
    script = random.Random(seed)
    backends = Backends(len(weights))
    probe = Probe(program, policy, weights, max_fails, fail_timeout)
    theirs, ours = [], []

    def step(nginx: Nginx, fails: bool) -> bool:
        path = f"/{'fail' if fails else 'now'}/{len(theirs)}"
        now = wait_for_middle_of_second()
        ask(nginx.port, path)
        if int(time.time()) != now // 1_000_000_000:
            raise CrossedSecond()
        theirs.append(backends.arrived.pop(path, -1))
        ours.append(probe.pick(now))
        if ours[-1] >= 0:
            probe.end(ours[-1], not fails, now)
        return fails and theirs[-1] >= 0

    failed = 0
    with Nginx(backends.ports, weights, method, max_fails, fail_timeout) as nginx:
        for planned in (3, 6, 12):
            while failed < planned and theirs == ours:
                failed += step(nginx, script.random() < 0.3)
            until = time.time() + 2 * fail_timeout + 1
            while time.time() < until and theirs == ours:
                step(nginx, False)
    probe.close()
    nobody = sum(pick < 0 for pick in theirs)
    return compare(f"failures with {method or 'round robin'} {weights}, max_fails {max_fails}, seed {seed} "
                   f"({failed} failed, {nobody} found nobody)", "nginx", theirs, ours)


def random_two(program: str, weights: list, count: int) -> bool:
    """Idle servers: every pick is the second of two different draws by weight. Chi-square of nginx's picks against
    the closed form, and of ours against the same."""
    total = sum(weights)
    shares = [sum(first / total * second / (total - first) for j, first in enumerate(weights) if j != i)
              for i, second in enumerate(weights)]
    backends = Backends(len(weights))
    probe = Probe(program, "nginx_random", weights)
    theirs, ours = [0] * len(weights), [0] * len(weights)
    with Nginx(backends.ports, weights, "random two least_conn;") as nginx:
        for _ in range(count):
            theirs[int(ask(nginx.port, "/now"))] += 1
    for _ in range(count):
        pick = probe.pick()
        probe.end(pick)
        ours[pick] += 1
    probe.close()
    limit = 27.9  # chi-square with at most 8 degrees of freedom exceeds this once in 2000 runs
    statistic = [sum((seen - count * share) ** 2 / (count * share) for seen, share in zip(picks, shares))
                 for picks in (theirs, ours)]
    print(f"random two least_conn {weights}: chi-square nginx {statistic[0]:.1f}, ours {statistic[1]:.1f}, "
          f"limit {limit}")
    return max(statistic) < limit


def main() -> int:
    if shutil.which("nginx") is None:
        print("SKIPPED: nginx is not installed")
        return 77
    version = subprocess.run(["nginx", "-v"], capture_output=True, text=True).stderr
    if f"nginx/{VERSION}." not in version:
        print(f"SKIPPED: {version.strip()} is not {VERSION}")
        return 77
    program = sys.argv[1]
    results = [
        round_robin(program, [5, 1, 1], 280),
        round_robin(program, [1, 1, 1, 1], 200),
        round_robin(program, [7, 3, 3, 2, 1], 400),
        round_robin(program, [100, 1, 50, 50, 37], 600),
        least_conn(program, [1, 1, 1], 300, 1),
        least_conn(program, [5, 1, 1, 3], 400, 2),
        least_conn(program, [2, 2, 1, 1, 4], 400, 3),
        retries(program, "", "nginx_round_robin", [5, 1, 1, 3], 300, 8),
        retries(program, "least_conn;", "nginx_least_conn", [5, 1, 1, 3], 300, 9),
        failures(program, "", "nginx_round_robin", [30, 20, 7, 3], 3, 7),
        failures(program, "", "nginx_round_robin", [5, 3, 1], 2, 4),
        failures(program, "", "nginx_round_robin", [4, 4, 2, 1], 1, 5),
        failures(program, "least_conn;", "nginx_least_conn", [4, 4, 2, 1], 2, 6),
        random_two(program, [5, 1, 1, 3], 4000),
    ]
    if None in results and False not in results:
        print("SKIPPED: this machine is too busy for comparisons by the second")
        return 77
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
