#!/usr/bin/python3
"""Checks the arrows between the rooms: who includes whom, and which heavy library lives where.

usage: layers.py ROOT | layers.py --self-test
"""

import pathlib
import re
import sys
import tempfile

# room -> rooms it may include from (itself always)
ARROWS = {
    "runtime": set(),
    "models": {"runtime"},
    "sim": {"runtime"},
    "live": {"runtime"},
    "chaos": {"sim", "live", "models", "runtime"},
    "bindings": {"chaos", "sim", "live", "models", "runtime"},
}
# include prefix -> rooms that may use it
LIBRARIES = {
    "boost/graph/": {"sim"},
    "boost/asio/ip/": {"live"},
    "boost/asio/io_context": {"live", "chaos"},
    "boost/asio/steady_timer": {"live"},
    "boost/asio/thread_pool": {"live"},
    "boost/beast": {"live"},
    "nlohmann/": {"chaos"},
    "yaml-cpp/": {"chaos"},
    "CLI/": {"chaos"},
    "pybind11/": {"bindings"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def violations(root: pathlib.Path):
    for room, allowed in ARROWS.items():
        for path in sorted((root / room).rglob("*.[ch]pp")):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                target = match.group(1)
                first = target.split("/")[0]
                place = f"{path.relative_to(root)}:{number}"
                if first in ARROWS and first != room and first not in allowed:
                    yield f"{place}: {room}/ must not include {target}"
                if first == "tests":
                    yield f"{place}: a room must not include {target}"
                for prefix, rooms in LIBRARIES.items():
                    if target.startswith(prefix) and room not in rooms:
                        yield f"{place}: {target} belongs in {' and '.join(sorted(rooms))}, not in {room}/"


def self_test() -> int:
    """Each planted violation is found, and a good file passes."""
    planted = {
        "models/a.cpp": '#include "sim/world.hpp"\n',
        "runtime/b.hpp": '#include "models/raft/core.hpp"\n',
        "live/c.cpp": "#include <nlohmann/json.hpp>\n",
        "sim/d.cpp": '#include "chaos/scenario/plan.hpp"\n',
    }
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        for name, text in planted.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        (root / "chaos").mkdir()
        (root / "chaos/good.cpp").write_text('#include "sim/world.hpp"\n#include <nlohmann/json.hpp>\n')
        found = list(violations(root))
    missed = [name for name in planted if not any(name in line for line in found)]
    wrong = [line for line in found if "good.cpp" in line]
    print("\n".join(found))
    print(f"missed: {missed}, wrongly reported: {wrong}")
    return 1 if missed or wrong else 0


def main() -> int:
    if sys.argv[1] == "--self-test":
        return self_test()
    found = list(violations(pathlib.Path(sys.argv[1])))
    print("\n".join(found) or "the arrows between the rooms are as drawn in docs/architecture.md")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
