#!/usr/bin/python3
"""Checks that an archive of components needs no clock, sleep, thread, socket or random source from the system: the proof
that the same object code runs in virtual time.

usage: undefined_symbols.py ARCHIVE... | undefined_symbols.py --self-test COMPILER
"""

import pathlib
import re
import subprocess
import sys
import tempfile

BANNED = re.compile(
    r"^(clock|clock_gettime|clock_getres|gettimeofday|time|ftime|nanosleep|clock_nanosleep|usleep|sleep|poll|ppoll|select|"
    r"epoll_\w+|timerfd_\w+|timer_\w+|alarm|setitimer|pthread_create|pthread_cond_\w+|pthread_join|thrd_\w+|fork|"
    r"socket|connect|accept4?|bind|listen|send(to|msg)?|recv(from|msg)?|getaddrinfo|open(64|at)?|fopen(64)?|read|write|"
    r"rand|rand_r|random|srand\w*|drand48|getrandom|getentropy|arc4random\w*|getenv|secure_getenv|getpid|gettid|"
    r"_ZNSt6chrono\w*3nowEv|_ZNSt13random_device\w*|_ZNSt6thread\w*|_ZNSt11this_thread\w*)(@.*)?$"
)


def undefined(archive: str):
    listing = subprocess.run(["nm", "-u", "-A", archive], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        member, _, rest = line.rpartition(":")
        fields = rest.split()
        if len(fields) == 2 and fields[0] in ("U", "w") and BANNED.match(fields[1]):
            yield f"{member}: {fields[1]}"


def self_test(compiler: str) -> int:
    planted = """
        #include <chrono>
        #include <cstdlib>
        #include <random>
        long now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }
        int draw() { return std::rand(); }
        unsigned seed() { return std::random_device{}(); }
    """
    with tempfile.TemporaryDirectory() as directory:
        source = pathlib.Path(directory) / "planted.cpp"
        source.write_text(planted)
        thing = str(source.with_suffix(".o"))
        subprocess.run([compiler, "-c", str(source), "-o", thing], check=True)
        found = list(undefined(thing))
    print("\n".join(found))
    return 0 if len(found) >= 3 else 1


def main() -> int:
    if sys.argv[1] == "--self-test":
        return self_test(sys.argv[2])
    found = [line for archive in sys.argv[1:] for line in undefined(archive)]
    print("\n".join(found) or "no clock, sleep, thread, socket, file or random source is needed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
