"""The npm packages that these tests compare with: installed once below a directory, at fixed versions."""

import pathlib
import shutil
import subprocess
import sys

PACKAGES = ("@smithy/util-retry@4.6.2", "@grpc/grpc-js@1.14.7")
SKIPPED = 77


def skip(reason: str):
    print(f"SKIPPED: {reason}")
    sys.exit(SKIPPED)


def install(directory: pathlib.Path):
    """Ends the test as skipped where node, npm or the registry cannot be had."""
    if not shutil.which("node") or not shutil.which("npm"):
        skip("node and npm are not installed")
    marker = directory / "installed.txt"
    if marker.exists() and marker.read_text() == repr(PACKAGES):
        return
    directory.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(directory), *PACKAGES]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        skip("the npm registry does not answer")
    if done.returncode != 0:
        skip(f"npm install failed: {done.stderr.strip()[:200]}")
    marker.write_text(repr(PACKAGES))


def answers(command: list[str], text: str, directory: pathlib.Path) -> list[list[str]]:
    """What the program says to `text`, line by line and word by word."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=directory, timeout=120)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed:\n{done.stderr}")
    return [line.split() for line in done.stdout.splitlines()]
