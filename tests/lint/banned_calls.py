#!/usr/bin/python3
"""Checks that nothing a run depends on can differ from one run to the next: clocks, random devices, the environment,
thread ids, addresses as keys, iteration over unordered containers, distributions that differ between libraries.

usage: banned_calls.py ROOT | banned_calls.py --self-test
"""

import pathlib
import re
import sys
import tempfile

ROOMS = ("runtime", "models", "sim", "chaos")
BANNED = {
    r"\b(system|steady|high_resolution|utc|tai|file)_clock\b": "a clock",
    r"\b(clock_gettime|gettimeofday|nanosleep|usleep)\b": "a clock or a sleep",
    r"(?<![\w.:>])time\s*\(\s*(NULL|nullptr|0|&)": "the time of day",
    r"\brandom_device\b": "a random device",
    r"(?<![\w.:>])s?rand\s*\(": "the C library's random numbers",
    r"std::\w+_distribution\b": "a distribution that differs between standard libraries",
    r"std::(mt19937|minstd_rand|default_random_engine|shuffle)": "the standard library's random numbers",
    r"\bthis_thread\b|\bpthread_self\b": "the current thread",
    r"\bgetenv\b": "the environment",
    r"\bsetlocale\b|std::locale\b": "the locale",
    r"std::(map|set)<\s*(const\s+)?\w[\w:]*\s*\*": "a container ordered by address",
    r"\bthread_local\b": "state of a thread",
    r"std::(sin|cos|tan|exp|log|log2|log10|pow|tgamma|lgamma|erfc?)\s*\(": "a function whose last bit differs between C libraries",
}
# What must read the real world, and why it cannot reach a run's decisions.
ALLOWED = {
    ("chaos/run/stopwatch.hpp", "a clock"): "speed and progress only",
    ("chaos/command/terminal.cpp", "the environment"): "NO_COLOR",
}
UNORDERED = re.compile(r"unordered\w*<[^;]*?>\s+(\w+)\s*[;{=]")
LOOP = re.compile(r"for\s*\([^;()]*:\s*(?:\w+(?:\.|->))*(\w+)\s*\)")
COMMENT = re.compile(r"//.*$")
STRING = re.compile(r'"(?:\\.|[^"\\])*"')


def violations(root: pathlib.Path):
    for room in ROOMS:
        files = sorted((root / room).rglob("*.[ch]pp"))
        unordered = set()
        for path in files:
            unordered.update(UNORDERED.findall(path.read_text()))
        for path in files:
            name = str(path.relative_to(root))
            for number, line in enumerate(path.read_text().splitlines(), 1):
                code = COMMENT.sub("", STRING.sub('""', line))
                for pattern, what in BANNED.items():
                    if re.search(pattern, code) and (name, what) not in ALLOWED:
                        yield f"{name}:{number}: {what}: {line.strip()}"
                for loop in LOOP.findall(code):
                    if loop in unordered:
                        yield f"{name}:{number}: iteration over an unordered container: {line.strip()}"


def self_test() -> int:
    planted = {
        "clock": "auto t = std::chrono::steady_clock::now();",
        "device": "std::random_device device;",
        "distribution": "std::uniform_int_distribution<int> d;",
        "environment": 'const char* home = getenv("HOME");',
        "pointer_key": "std::map<Host*, int> hosts;",
        "unordered": "std::unordered_map<int, int> seen_;\nvoid f() { for (auto& entry : seen_) {} }",
        "thread": "auto id = std::this_thread::get_id();",
        "libm": "double y = std::log(x);",
    }
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        (root / "sim").mkdir()
        for name, text in planted.items():
            (root / f"sim/{name}.cpp").write_text(text + "\n")
        (root / "sim/good.cpp").write_text('// std::random_device in a comment\nauto s = "getenv";\nauto t = host.now();\n')
        found = list(violations(root))
    missed = [name for name in planted if not any(f"/{name}.cpp" in line for line in found)]
    wrong = [line for line in found if "good.cpp" in line]
    print("\n".join(found))
    print(f"missed: {missed}, wrongly reported: {wrong}")
    return 1 if missed or wrong else 0


def main() -> int:
    if sys.argv[1] == "--self-test":
        return self_test()
    found = list(violations(pathlib.Path(sys.argv[1])))
    print("\n".join(found) or "nothing that a run depends on can differ between runs")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
