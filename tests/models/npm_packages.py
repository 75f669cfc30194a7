"""The npm packages that tests compare with: installed once below a directory, at fixed versions."""

import pathlib
import shutil
import subprocess
import sys

GRPC_JS = "@grpc/grpc-js@1.14.7"
SMITHY_RETRY = "@smithy/util-retry@4.6.2"
COCKATIEL = "cockatiel@4.0.0"
OPOSSUM = "opossum@10.0.0"
SKIPPED = 77


def skip(reason: str):
    print(f"SKIPPED: {reason}")
    sys.exit(SKIPPED)


def install(directory: pathlib.Path, *packages: str):
    """Ends the test as skipped where node, npm or the registry cannot be had."""
    if not shutil.which("node") or not shutil.which("npm"):
        skip("node and npm are not installed")
    marker = directory / "installed.txt"
    if marker.exists() and marker.read_text() == repr(packages):
        return
    directory.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(directory), *packages]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        skip("the npm registry does not answer")
    if done.returncode != 0:
        skip(f"npm install failed: {done.stderr.strip()[:200]}")
    marker.write_text(repr(packages))


def answers(command: list[str], text: str, directory: pathlib.Path) -> list[list[str]]:
    """What the program says to `text`, line by line and word by word."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=directory, timeout=120)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed:\n{done.stderr}")
    return [line.split() for line in done.stdout.splitlines()]
