"""HTTP backends that say who they are and answer when they are told to, and the client that asks for them through a
load balancer. For scripts that compare a real load balancer's picks with ours."""

import pathlib
import socket
import subprocess
import sys
import threading

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from local_server import free_port, wait_until_listening  # noqa: E402: found by the line above


class Backends:
    """`count` servers on ports of their own. GET /now is answered at once, /hold/KEY when KEY is released, /fail
    by closing the connection, and /failing/COUNT/KEY so the first COUNT times."""

    def __init__(self, count: int):
        self.arrived = {}  # path -> the backend that was asked last
        self.visits = {}  # path -> all that were asked, in order
        self._changed = threading.Condition()
        self._released = set()
        self._listeners = [socket.create_server(("127.0.0.1", 0), backlog=256) for _ in range(count)]
        self.ports = [listener.getsockname()[1] for listener in self._listeners]
        for index, listener in enumerate(self._listeners):
            threading.Thread(target=self._serve, args=(index, listener), daemon=True).start()

    def _serve(self, index: int, listener: socket.socket):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            request = b""
            while b"\r\n\r\n" not in request:
                part = connection.recv(4096)
                if not part:
                    break
                request += part
            if not request:
                connection.close()
                continue
            path = request.split()[1].decode()
            with self._changed:
                self.arrived[path] = index
                self.visits.setdefault(path, []).append(index)
                self._changed.notify_all()
            if path.startswith("/hold"):
                threading.Thread(target=self._answer_later, args=(index, connection, path), daemon=True).start()
            else:
                self._answer(index, connection, path)

    def _answer_later(self, index: int, connection: socket.socket, path: str):
        with self._changed:
            self._changed.wait_for(lambda: path in self._released)
        self._answer(index, connection, path)

    def _answer(self, index: int, connection: socket.socket, path: str):
        if path.startswith("/failing/"):
            fails = len(self.visits[path]) <= int(path.split("/")[2])
        else:
            fails = path.startswith("/fail")
        if not fails:
            body = str(index).encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
            connection.sendall(head + body)
        connection.close()

    def wait_for(self, path: str) -> int:
        """Which backend was asked for `path`."""
        with self._changed:
            if not self._changed.wait_for(lambda: path in self.arrived, timeout=10):
                raise TimeoutError(f"no backend was asked for {path}")
            return self.arrived.pop(path)

    def release(self, path: str):
        with self._changed:
            self._released.add(path)
            self._changed.notify_all()


def send(port: int, path: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n".encode())
    return connection


def receive(connection: socket.socket) -> str:
    """The body of the answer; empty for an error of the load balancer's own."""
    answer = b""
    while part := connection.recv(4096):
        answer += part
    connection.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return body.decode() if b" 200 " in head.splitlines()[0] else ""


def ask(port: int, path: str) -> str:
    return receive(send(port, path))


class Probe:
    """Our policy, asked the same questions."""

    def __init__(self, program: str, policy: str, weights: list, max_fails: int = 0, fail_timeout: int = 10):
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._tell(f"make {policy} {max_fails} {fail_timeout} {' '.join(map(str, weights))}")

    def _tell(self, line: str):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def pick(self, nanoseconds: int = 0, tried: tuple = ()) -> int:
        self._tell(f"pick {nanoseconds} {' '.join(map(str, tried))}")
        return int(self._process.stdout.readline())

    def end(self, index: int, succeeded: bool = True, nanoseconds: int = 0):
        self._tell(f"end {nanoseconds} {index} {'ok' if succeeded else 'fail'}")

    def shares(self) -> list:
        self._tell("shares")
        return [int(share) / 1e6 for share in self._process.stdout.readline().split()]

    def close(self):
        self._process.stdin.close()
        self._process.wait()


def compare(what: str, server: str, theirs: list, ours: list) -> bool:
    if theirs == ours:
        print(f"{what}: {len(theirs)} picks are equal")
        return True
    first = next(i for i in range(len(theirs)) if theirs[i] != ours[i])
    print(f"{what}: pick {first} differs\n {server} {theirs[:first + 5]}\n ours {ours[:first + 5]}")
    return False
