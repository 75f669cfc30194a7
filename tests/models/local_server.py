"""Servers that tests start on this machine: a port for them, and how to know that they take connections."""

import random
import socket
import subprocess
import time

# Below those that Linux gives to outgoing connections (ip_local_port_range), of which the tests beside this one make
# thousands: one of these stays free until the server takes it.
PORTS = range(15000, 32000)


def free_port() -> int:
    while True:
        port = random.choice(PORTS)
        with socket.socket() as listener:
            try:
                listener.bind(("0.0.0.0", port))
                return port
            except OSError:
                continue


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
