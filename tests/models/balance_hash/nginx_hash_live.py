#!/usr/bin/python3
"""Compares our `hash` and `hash ... consistent` with a real nginx, pick for pick.

usage: nginx_hash_live.py HASH_PROBE

Starts nginx on free ports of 127.0.0.1. One upstream per scenario; nginx reports the servers that it attempted for
each key in $upstream_addr. Keys go to one worker one after another, so that its round robin is comparable too.
Exits with 77 where there is no nginx.
"""

import http.client
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from local_server import free_port, wait_until_listening  # noqa: E402: found by the line above

KEYS_PER_SCENARIO = 500

# name, our policy, nginx's arguments after the key, servers as (weight, state). A `dead` server refuses connections,
# and the request goes on to the next; max_fails=0 keeps nginx from remembering it.
SCENARIOS = [
    ("ketama_equal", "ketama", "consistent", [(1, "up")] * 5),
    ("ketama_weighted", "ketama", "consistent", [(1, "up"), (2, "up"), (5, "up"), (10, "up")]),
    ("ketama_one_down", "ketama", "consistent", [(1, "up"), (2, "down"), (5, "up"), (1, "up")]),
    ("ketama_two_dead", "ketama", "consistent", [(3, "dead"), (2, "up"), (4, "dead"), (1, "up"), (1, "up")]),
    # Of so many points in a row more than 20 are often down: nginx then turns to round robin.
    ("ketama_mostly_down", "ketama", "consistent", [(40, "down"), (2, "up"), (1, "up"), (1, "dead")]),
    ("hash_equal", "nginx", "", [(1, "up")] * 5),
    ("hash_weighted", "nginx", "", [(1, "up"), (2, "up"), (5, "up"), (10, "up")]),
    ("hash_one_down", "nginx", "", [(1, "up"), (2, "down"), (5, "up"), (1, "up")]),
    ("hash_two_dead", "nginx", "", [(3, "dead"), (2, "up"), (4, "dead"), (1, "up"), (1, "up")]),
    ("hash_mostly_down", "nginx", "", [(60, "down"), (2, "up"), (1, "up"), (1, "dead")]),
    ("hash_all_down", "nginx", "", [(1, "down"), (1, "down")]),
    ("ketama_all_dead", "ketama", "consistent", [(1, "dead"), (2, "dead"), (3, "dead")]),
]


def reserved_port(held: list) -> int:
    """A port that nobody listens on and nobody else gets while `held` lives."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    held.append(sock)
    return sock.getsockname()[1]


def configuration(directory: pathlib.Path, front: int, back: int, upstreams: dict) -> str:
    lines = [
        f"worker_processes 1; daemon off; pid {directory}/pid; error_log {directory}/error.log crit;",
        "events { worker_connections 512; }",
        "http { access_log off;",
    ]
    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        lines.append(f"{kind}_temp_path {directory}/{kind};")
    for name, (arguments, servers) in upstreams.items():
        lines.append(f"upstream {name} {{ hash $arg_key {arguments};")
        for address, weight, state in servers:
            lines.append(f"server {address} weight={weight} max_fails=0 {'down' if state == 'down' else ''};")
        lines.append("}")
    # An address of the loopback network each, so that many servers share one port.
    lines.append(f"server {{ listen 0.0.0.0:{back}; return 200; }}")
    lines.append(f"server {{ listen 127.0.0.1:{front}; add_header X-Attempts $upstream_addr always;")
    for name in upstreams:
        lines.append(f"location /{name} {{ proxy_pass http://{name}; proxy_next_upstream error; }}")
    lines.append("} }")
    return "\n".join(lines)


def keys_of(name: str) -> list:
    rng = random.Random(name)
    keys = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789-._", k=rng.randint(1, 24)))
            for _ in range(KEYS_PER_SCENARIO)]
    keys[100:103] = [""] * 3
    return keys


def attempts_by_nginx(front: int, name: str, keys: list, servers: list) -> list:
    index = {address: str(number) for number, (address, _, _) in enumerate(servers)}
    connection = http.client.HTTPConnection("127.0.0.1", front, timeout=10)
    answers = []
    for key in keys:
        connection.request("GET", f"/{name}?key={urllib.parse.quote(key, safe='')}")
        response = connection.getresponse()
        response.read()
        # Where nobody is left, nginx ends the list with the upstream's own name.
        attempts = [part for part in response.getheader("X-Attempts").split(", ") if part != name]
        answers.append(" ".join(index[attempt] for attempt in attempts) or "none")
    connection.close()
    return answers


def attempts_by_us(probe: str, policy: str, keys: list, servers: list) -> list:
    arguments = [f"{address},{weight},{state}" for address, weight, state in servers]
    run = subprocess.run([probe, policy, *arguments], input="\n".join(keys) + "\n", text=True,
                         capture_output=True, check=True)
    return run.stdout.splitlines()


def main() -> int:
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if nginx is None:
        print("SKIPPED: there is no nginx (Debian: nginx)")
        return 77
    print(subprocess.run([nginx, "-v"], capture_output=True, text=True).stderr.strip())
    held: list = []
    front, back, closed = free_port(), free_port(), reserved_port(held)
    upstreams = {}
    for name, _, arguments, servers in SCENARIOS:
        upstreams[name] = (arguments, [
            (f"127.0.0.{number + 2}:{closed if state == 'dead' else back}", weight, state)
            for number, (weight, state) in enumerate(servers)])
    failures = 0
    with tempfile.TemporaryDirectory() as text:
        directory = pathlib.Path(text)
        (directory / "nginx.conf").write_text(configuration(directory, front, back, upstreams))
        process = subprocess.Popen([nginx, "-p", text, "-e", f"{text}/error.log", "-c", f"{text}/nginx.conf"])
        try:
            wait_until_listening(front, process)
            for name, policy, _, _ in SCENARIOS:
                servers = upstreams[name][1]
                # `$arg_key` is the text as it stands in the URL, so keys are of letters that need no escape.
                keys = keys_of(name)
                theirs = attempts_by_nginx(front, name, keys, servers)
                ours = attempts_by_us(sys.argv[1], policy, keys, servers)
                wrong = [n for n in range(len(keys)) if ours[n:n + 1] != theirs[n:n + 1]]
                print(f"{name}: {len(keys)} keys, {len(wrong)} picked otherwise, "
                      f"{sum(' ' in answer for answer in theirs)} tried again, servers {servers}")
                for n in wrong[:3]:
                    print(f"  key {keys[n]!r}: nginx {theirs[n]}, we {ours[n] if n < len(ours) else 'nothing'}")
                failures += bool(wrong)
        finally:
            process.terminate()
            process.wait()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
