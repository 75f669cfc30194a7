"""Servers that tests start on this machine: a port for them, and how to know that they take connections."""

import socket
import subprocess
import time


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_listening(port: int, server: subprocess.Popen, patience: float = 10):
    """Returns once `server` takes connections on `port`; ends the test where it does not within `patience` seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"{server.args[0]} does not listen on port {port}")
