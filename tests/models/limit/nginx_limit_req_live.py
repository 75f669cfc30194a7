#!/usr/bin/python3
"""Compares NginxLimitReq with nginx itself, decision by decision, on scripted and random requests.

usage: nginx_limit_req_live.py PROBE

nginx decides on ngx_current_msec, a coarse monotonic clock that no variable shows. Its debug log does: whatever follows
a decision in the same turn of the event loop (the delay, the connection to the upstream, the wait for the next request)
starts a timer, logged with its length and its end on that clock. So the model is asked about the very milliseconds that
nginx decided on, and every verdict, every excess to the thousandth and every delay to the millisecond must be equal:
there is no margin. Only that a delayed request really took its delay is held against a margin of CLOCK_MARGIN below,
for $request_time reads another clock.
"""

import asyncio
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from local_server import free_port, wait_until_listening  # noqa: E402: found by the line above

CLOCK_MARGIN_MILLISECONDS = 10
# name: rate as nginx writes it, in thousandths a second, burst, delay (None is nodelay), milliseconds of one permit
LIMITS = {
    "bare": ("10r/s", 10_000, 0, 0, 100),
    "nodelay": ("10r/s", 10_000, 5, None, 100),
    "delayed": ("10r/s", 10_000, 5, 0, 100),
    "partly": ("10r/s", 10_000, 6, 3, 100),
    "fast": ("100r/s", 100_000, 10, None, 10),
    "odd": ("7r/s", 7_000, 4, 2, 143),
    "minute": ("30r/m", 500, 2, None, 2000),
}
SKIPPED = 77


class Verdict(NamedTuple):
    word: str  # pass, delay or refuse
    excess: int
    delay: int


class Decision(NamedTuple):
    path: str
    milliseconds: int
    verdict: Verdict


def configuration(directory: pathlib.Path, port: int, upstream: int) -> str:
    zones, locations = "", ""
    for name, (rate, _, burst, delay, _) in LIMITS.items():
        burst_text = f" burst={burst}" if burst else ""
        delay_text = " nodelay" if delay is None else f" delay={delay}" if delay else ""
        zones += f"limit_req_zone $server_name zone={name}:64k rate={rate};\n"
        # "return" would answer before limit_req is asked: it needs an upstream.
        locations += (f"location /{name}/ {{ limit_req zone={name}{burst_text}{delay_text};"
                      f" proxy_pass http://127.0.0.1:{upstream}; }}\n")
    temporary = "".join(f"{kind}_temp_path {directory}/{kind};\n"
                        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return f"""
daemon off; master_process off; pid {directory}/pid; error_log {directory}/error.log debug;
events {{ worker_connections 1024; }}
http {{
{temporary}{zones}
log_format answer '$uri $status $request_time';
access_log off;
limit_req_status 429;
server {{ listen 127.0.0.1:{upstream}; location / {{ return 200; }} }}
server {{ listen 127.0.0.1:{port}; server_name limited; access_log {directory}/answers.log answer;
{locations} }}
}}
"""


def schedule(name: str) -> list[float]:
    """When to send, in milliseconds: a scripted burst, then random bursts, gaps and near misses."""
    permit = LIMITS[name][4]
    draw = random.Random(name)
    times, now = [0.0] * 12, 0.0
    while len(times) < 80 and now < 7000:
        now += draw.choice([1, 2, permit / 2, permit, permit - 1, permit + 1, draw.uniform(0, 3 * permit)])
        times += [now] * draw.choice([1, 1, 1, 2, 4])
    return times


async def send(port: int, path: str, at: float) -> None:
    await asyncio.sleep(max(0.0, at - time.monotonic()))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: limited\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


async def send_all(port: int) -> None:
    start = time.monotonic() + 0.1
    await asyncio.gather(*(send(port, f"/{name}/{number}", start + after / 1000)
                           for name in LIMITS for number, after in enumerate(schedule(name))))


def decisions_of(log: str) -> dict[str, list[Decision]]:
    """In nginx's order, which is that of its log."""
    line_of = re.compile(r"#\d+: \*(\d+) (?:http request line: \"GET (\S+) |limit_req\[0\]: (-?\d+) (\d+)\.(\d+)"
                         r"|(delaying request)|event timer add: \d+: (\d+):(\d+))")
    paths, pending = {}, {}
    found: dict[str, list[Decision]] = {name: [] for name in LIMITS}
    for connection, path, result, whole, part, delaying, length, end in line_of.findall(log):
        if path:
            paths[connection] = path
        elif result:
            name = paths[connection].split("/")[1]
            word = "pass" if int(result) == 0 else "refuse"
            pending[connection] = (Verdict(word, int(whole) * 1000 + int(part), 0), len(found[name]))
            found[name].append(None)
        elif connection in pending and delaying:
            verdict, place = pending[connection]
            pending[connection] = (verdict._replace(word="delay"), place)
        elif connection in pending and length:
            verdict, place = pending.pop(connection)
            path = paths[connection]
            if verdict.word == "delay":
                verdict = verdict._replace(delay=int(length))
            found[path.split("/")[1]][place] = Decision(path, int(end) - int(length), verdict)
    return found


def model(probe: str, name: str, decisions: list[Decision], extra_burst: int = 0) -> list[Verdict]:
    _, rate, burst, delay, _ = LIMITS[name]
    arguments = [probe, str(rate), str(burst + extra_burst), str(-1 if delay is None else delay)]
    text = "\n".join(str(decision.milliseconds) for decision in decisions)
    result = subprocess.run(arguments, input=text, capture_output=True, text=True, check=True)
    verdicts = [line.split() for line in result.stdout.splitlines()]
    return [Verdict(word, int(excess), int(delay)) for word, excess, delay in verdicts]


def differences(decisions: list[Decision], verdicts: list[Verdict]) -> list[str]:
    return [f"{decision.path} at {decision.milliseconds}: nginx {decision.verdict}, the model {verdict}"
            for decision, verdict in zip(decisions, verdicts, strict=True) if decision.verdict != verdict]


def wrong_answers(decisions: list[Decision], answers: dict[str, tuple[int, int]]) -> list[str]:
    """Where nginx did not do as it decided."""
    wrong = []
    for path, _, verdict in decisions:
        status, took = answers[path]
        if status != (429 if verdict.word == "refuse" else 200) or took < verdict.delay - CLOCK_MARGIN_MILLISECONDS:
            wrong.append(f"{path}: decided {verdict}, but answered {status} after {took} ms")
    return wrong


def serve(nginx: str, directory: pathlib.Path) -> None:
    port, upstream = free_port(), free_port()
    (directory / "nginx.conf").write_text(configuration(directory, port, upstream))
    server = subprocess.Popen([nginx, "-p", str(directory), "-c", str(directory / "nginx.conf")],
                              stderr=subprocess.DEVNULL)
    try:
        wait_until_listening(port, server)
        asyncio.run(send_all(port))
        time.sleep(0.1)
    finally:
        server.terminate()
        server.wait()


def compare(probe: str, directory: pathlib.Path) -> int:
    answers = {}
    for line in (directory / "answers.log").read_text().splitlines():
        path, status, took = line.split()
        answers[path] = (int(status), round(float(took) * 1000))
    failed = False
    for name, decisions in decisions_of((directory / "error.log").read_text()).items():
        wrong = differences(decisions, model(probe, name, decisions)) + wrong_answers(decisions, answers)
        planted = differences(decisions, model(probe, name, decisions, extra_burst=1))
        count = {word: sum(decision.verdict.word == word for decision in decisions)
                 for word in ("pass", "delay", "refuse")}
        print(f"{name}: {len(decisions)} decisions {count}, {len(wrong)} differ; "
              f"{len(planted)} would with a burst one larger")
        for difference in wrong:
            print(difference)
        expects_delays = LIMITS[name][3] is not None and LIMITS[name][2] > 0
        exercised = count["pass"] > 0 and count["refuse"] > 0 and (count["delay"] > 0) == expects_delays
        complete = len(decisions) == len(schedule(name))
        failed = failed or bool(wrong) or not planted or not exercised or not complete
    return 1 if failed else 0


def main() -> int:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if nginx is None:
        print("SKIPPED: nginx is not installed")
        return SKIPPED
    version = subprocess.run([nginx, "-V"], capture_output=True, text=True, check=True).stderr
    print(version.splitlines()[0])
    if "--with-debug" not in version:
        print("SKIPPED: this nginx has no debug log to read its clock from")
        return SKIPPED
    with tempfile.TemporaryDirectory() as directory:
        serve(nginx, pathlib.Path(directory))
        return compare(sys.argv[1], pathlib.Path(directory))


if __name__ == "__main__":
    sys.exit(main())
