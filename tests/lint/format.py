#!/usr/bin/python3
"""Checks that every C++ file is formatted as .clang-format says, by the pinned clang-format 16.

usage: format.py ROOT
"""

import pathlib
import subprocess
import sys

ROOMS = ("bindings", "runtime", "models", "sim", "live", "chaos", "tests")


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    files = [str(path) for room in ROOMS for path in sorted((root / room).rglob("*.[ch]pp"))]
    result = subprocess.run(["clang-format-16", "--dry-run", "--Werror", *files], capture_output=True, text=True)
    print(result.stderr[:4000] or f"{len(files)} files are formatted")
    return 1 if result.returncode or not files else 0


if __name__ == "__main__":
    sys.exit(main())
