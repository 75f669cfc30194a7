#!/usr/bin/python3
"""Compares our `hash-type consistent` and `hash-type map-based` with a real HAProxy, pick for pick.

usage: haproxy_hash_live.py HASH_PROBE

Starts HAProxy on free ports of 127.0.0.1, single-threaded. HAProxy names the server that it chose in a header of the
response; where load matters, requests are held by servers of this program, which see who they came to.
Exits with 77 where there is no HAProxy.
"""

import http.client
import pathlib
import random
import select
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from local_server import free_port, wait_until_listening  # noqa: E402: found by the line above

KEYS_PER_SCENARIO = 500

EQUAL = [(1, "up")] * 5
WEIGHTED = [(1, "up"), (2, "up"), (5, "up"), (10, "up")]
ONE_DOWN = [(4, "up"), (2, "down"), (6, "up"), (2, "up"), (2, "up")]
# A dead server refuses connections: the request is redispatched at once, avoiding it.
ONE_DEAD = [(4, "up"), (6, "dead"), (6, "up"), (1, "up")]

# name, our policy and options, HAProxy's balance, its hash-type, servers
SCENARIOS = [("ring_weighted", ["haproxy-ring", "--avalanche"], "hdr(x-key)", "consistent", WEIGHTED),
             ("ring_one_down", ["haproxy-ring", "--avalanche"], "hdr(x-key)", "consistent", ONE_DOWN),
             ("ring_one_dead", ["haproxy-ring", "--avalanche"], "hdr(x-key)", "consistent", ONE_DEAD),
             ("map_weighted", ["haproxy-map"], "hdr(x-key)", "map-based", WEIGHTED),
             ("map_one_down", ["haproxy-map"], "hdr(x-key)", "map-based", ONE_DOWN),
             ("ring_uri", ["haproxy-ring", "--avalanche"], "uri", "consistent", WEIGHTED),
             ("ring_parameter", ["haproxy-ring", "--avalanche"], "url_param key", "consistent", WEIGHTED),
             ("ring_source", ["haproxy-ring", "--avalanche", "--source"], "source", "consistent", WEIGHTED),
             ("map_source", ["haproxy-map", "--source"], "source", "map-based", WEIGHTED)]
for function in ("sdbm", "djb2", "wt6", "crc32"):
    for modifier in ("", "avalanche"):
        options = ["--function", function] + (["--avalanche"] if modifier else [])
        tag = f"{function}_{modifier}".rstrip("_")
        for policy, method, servers in (("ring", "consistent", EQUAL), ("map", "map-based", WEIGHTED)):
            SCENARIOS.append((f"{policy}_{tag}", [f"haproxy-{policy}", *options], "hdr(x-key)",
                              f"{method} {function} {modifier}", servers))

# name, balance factor, servers, distinct keys, requests held
HELD = [("held_equal", 125, EQUAL, 12, 150), ("held_hot_key", 150, EQUAL, 1, 60),
        ("held_weighted", 130, WEIGHTED, 20, 150), ("held_one_down", 110, ONE_DOWN, 5, 100)]


def bound_socket() -> socket.socket:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return sock


def server_lines(servers: list, ports: list) -> list:
    return [f"  server s{n} 127.0.0.1:{port} weight {weight} {'disabled' if state == 'down' else ''}"
            for n, ((weight, state), port) in enumerate(zip(servers, ports))]


def configuration(front: int, back: int, closed: int, held_ports: dict) -> str:
    lines = ["global", "  nbthread 1", "defaults", "  mode http", "  timeout connect 5s", "  timeout client 60s",
             "  timeout server 60s", "  option http-server-close", "  retries 1", "  option redispatch 1",
             "frontend answers", f"  bind 127.0.0.1:{back}", "  http-request return status 200",
             "frontend front", f"  bind 127.0.0.1:{front}"]
    for name in [scenario[0] for scenario in SCENARIOS] + [held[0] for held in HELD]:
        lines.append(f"  use_backend {name} if {{ hdr(x-scenario) {name} }}")
    for name, _, balance, hash_type, servers in SCENARIOS:
        ports = [closed if state == "dead" else back for _, state in servers]
        lines += [f"backend {name}", f"  balance {balance}", f"  hash-type {hash_type}",
                  "  http-response set-header x-server %s"] + server_lines(servers, ports)
    for name, factor, servers, _, _ in HELD:
        lines += [f"backend {name}", "  balance hdr(x-key)", "  hash-type consistent",
                  f"  hash-balance-factor {factor}"] + server_lines(servers, held_ports[name])
    return "\n".join(lines) + "\n"


def keys_of(name: str, balance: str) -> list:
    rng = random.Random(name)
    if balance == "source":
        return [f"127.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
                for _ in range(KEYS_PER_SCENARIO)]
    keys = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789-._/=", k=rng.randint(1, 30)))
            for _ in range(KEYS_PER_SCENARIO)]
    if balance == "uri":
        return ["/" + key for key in keys]
    if balance.startswith("hdr"):
        # Without a key HAProxy turns to round robin.
        keys[100:107] = [""] * 7
    return keys


def servers_by_haproxy(front: int, name: str, balance: str, keys: list) -> list:
    connection = http.client.HTTPConnection("127.0.0.1", front, timeout=10)
    answers = []
    for key in keys:
        path, headers = "/", {"X-Scenario": name}
        if balance == "source":
            connection.close()
            connection = http.client.HTTPConnection("127.0.0.1", front, timeout=10, source_address=(key, 0))
        elif balance == "uri":
            path = key + "?more=1"
        elif balance == "url_param key":
            path = f"/?other=1&key={key}&more=2"
        elif key:
            headers["X-Key"] = key
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        response.read()
        answers.append((response.getheader("X-Server") or "none").lstrip("s"))
    connection.close()
    return answers


def servers_of_held(front: int, name: str, keys: list, listeners: list) -> list:
    """Each request stays under way until all were sent; whose listener it came to is its server."""
    answers, open_sockets = [], []
    for key in keys:
        client = socket.create_connection(("127.0.0.1", front), timeout=10)
        client.sendall(f"GET / HTTP/1.1\r\nHost: x\r\nX-Scenario: {name}\r\nX-Key: {key}\r\n\r\n".encode())
        ready, _, _ = select.select(listeners, [], [], 10)
        open_sockets += [client] + [listener.accept()[0] for listener in ready]
        answers.append(" ".join(str(listeners.index(listener)) for listener in ready) or "none")
    for opened in open_sockets:
        opened.close()
    return answers


def servers_by_us(probe: str, arguments: list, servers: list, keys: list) -> list:
    described = [f"s{n},{weight},{state}" for n, (weight, state) in enumerate(servers)]
    run = subprocess.run([probe, *arguments, *described], input="\n".join(keys) + "\n", text=True,
                         capture_output=True, check=True)
    # HAProxy tells who answered, not who was attempted before.
    return [line.split()[-1] for line in run.stdout.splitlines()]


def compare(name: str, keys: list, theirs: list, ours: list, servers: list) -> bool:
    wrong = [n for n in range(len(keys)) if ours[n:n + 1] != theirs[n:n + 1]]
    print(f"{name}: {len(keys)} keys, {len(wrong)} picked otherwise, servers {servers}")
    for n in wrong[:3]:
        print(f"  key {n} {keys[n]!r}: HAProxy {theirs[n]}, we {ours[n] if n < len(ours) else 'nothing'}")
    return not wrong


def compare_all(probe: str, front: int, listeners: dict) -> bool:
    equal = True
    for name, arguments, balance, _, servers in SCENARIOS:
        keys = keys_of(name, balance)
        theirs = servers_by_haproxy(front, name, balance, keys)
        equal &= compare(name, keys, theirs, servers_by_us(probe, arguments, servers, keys), servers)
    for name, factor, servers, distinct, requests in HELD:
        rng = random.Random(name)
        keys = [f"key-{rng.randrange(distinct)}" for _ in range(requests)]
        theirs = servers_of_held(front, name, keys, listeners[name])
        arguments = ["haproxy-ring", "--avalanche", "--factor", str(factor), "--hold"]
        equal &= compare(name, keys, theirs, servers_by_us(probe, arguments, servers, keys), servers)
    return equal


def main() -> int:
    haproxy = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if haproxy is None:
        print("SKIPPED: there is no haproxy (Debian: haproxy)")
        return 77
    print(subprocess.run([haproxy, "-v"], capture_output=True, text=True).stdout.splitlines()[0])
    listeners = {name: [bound_socket() for _ in servers] for name, _, servers, _, _ in HELD}
    for sockets in listeners.values():
        for listener in sockets:
            listener.listen(512)
    ports = {name: [listener.getsockname()[1] for listener in sockets] for name, sockets in listeners.items()}
    front, closed = free_port(), bound_socket()
    with tempfile.TemporaryDirectory() as text:
        path = pathlib.Path(text) / "haproxy.cfg"
        path.write_text(configuration(front, free_port(), closed.getsockname()[1], ports))
        process = subprocess.Popen([haproxy, "-db", "-q", "-f", str(path)])
        try:
            wait_until_listening(front, process)
            return 0 if compare_all(sys.argv[1], front, listeners) else 1
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
