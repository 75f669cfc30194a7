#!/usr/bin/python3
"""Compares our judgement of certificate chains with OpenSSL's: roots, cross certificates and leaves of several lifetimes,
trusted, shown and withheld at random, at and around every boundary.

usage: openssl_verify_test.py PROBE [PROBE-WITH-A-PLANTED-BUG]...

Both must find each chain good, of no trusted root, or wrong in time. A probe with a planted bug must differ somewhere.
Where `openssl` is absent the test is skipped (exit code 77).
"""

import datetime
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

CASES = 800
EPOCH = 1_600_000_000
AUTHORITIES = (1, 2, 3)
WINDOWS = ((0, 1000), (200, 600), (500, 900))
CONFIG = """
[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[workload]
basicConstraints = critical, CA:FALSE
[req]
distinguished_name = name
[name]
"""
# What `openssl verify` calls the ways to have no trusted root (18 to 21), and to be wrong in time (9 and 10).
KINDS = {**{code: "untrusted" for code in (2, 18, 19, 20, 21)}, 9: "time", 10: "time"}
OUR_KINDS = {"none": "good", "unknown_issuer": "untrusted", "not_yet_valid": "time", "expired": "time"}


class Certificates:
    """Certificates of the authorities and of workloads, made as they are asked for."""

    def __init__(self, directory: pathlib.Path):
        self.directory = directory
        (directory / "config").write_text(CONFIG)
        (directory / "index.txt").write_text("")
        (directory / "serial").write_text("1000\n")
        for name in (*AUTHORITIES, "leaf"):
            self.run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
            self.run("req", "-new", "-config", "config", "-key", f"{name}.key", "-subj", f"/CN={name}", "-out", f"{name}.csr")
        for key in AUTHORITIES:  # To sign with; when they are valid is of no interest.
            self.make(key, key, WINDOWS[0])

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(["openssl", *arguments], cwd=self.directory, capture_output=True, text=True, check=True)

    def make(self, key, issuer, window) -> pathlib.Path:
        path = self.directory / f"{key}-by-{issuer}-{window[0]}-{window[1]}.pem"
        if not path.exists():
            signer = ("-selfsign",) if key == issuer else ("-cert", f"{issuer}-by-{issuer}-0-1000.pem")
            kind = "workload" if key == "leaf" else "authority"
            first, last = (datetime.datetime.fromtimestamp(EPOCH + second, datetime.timezone.utc) for second in window)
            self.run("ca", "-batch", "-notext", "-config", "config", "-in", f"{key}.csr", "-keyfile", f"{issuer}.key", *signer,
                     "-extensions", kind, "-startdate", f"{first:%Y%m%d%H%M%SZ}", "-enddate", f"{last:%Y%m%d%H%M%SZ}",
                     "-out", path.name)
        return path

    def bundle(self, name: str, certificates) -> str:
        (self.directory / name).write_text("".join(self.make(*certificate).read_text() for certificate in certificates))
        return name

    def judge(self, now: int, leaf, shown, roots) -> str:
        command = ["openssl", "verify", "-no-CAfile", "-no-CApath", "-no-CAstore", "-attime", str(EPOCH + now)]
        if roots:
            command += ["-trusted", self.bundle("roots.pem", roots)]
        if shown:
            command += ["-untrusted", self.bundle("shown.pem", shown)]
        result = subprocess.run([*command, self.make(*leaf).name], cwd=self.directory, capture_output=True, text=True)
        if result.returncode == 0:
            return "good"
        codes = {int(line.split()[1]) for line in result.stderr.splitlines() if line.startswith("error ") and " at " in line}
        return next((KINDS[code] for code in sorted(codes, reverse=True) if code in KINDS), f"errors {sorted(codes)}")


def make_case(draw: random.Random):
    leaf = ("leaf", draw.choice(AUTHORITIES), draw.choice(WINDOWS))
    crosses = [(a, b, window) for a in AUTHORITIES for b in AUTHORITIES if a != b for window in WINDOWS]
    all_roots = [(a, a, window) for a in AUTHORITIES for window in WINDOWS]
    shown = draw.sample(crosses, draw.choice((0, 0, 1, 2, 3)))
    if draw.random() < 0.1:
        shown.append(draw.choice(all_roots))
    roots = draw.sample(all_roots, draw.choice((0, 1, 1, 2, 3)))
    boundary = draw.choice([second for window in WINDOWS for second in window])
    now = boundary + draw.choice((-1, 0, 1)) if draw.random() < 0.6 else draw.randrange(-10, 1010)
    return now, leaf, shown, roots


def line_of(case) -> str:
    now, leaf, shown, roots = case
    numbers = [now, len(roots)]
    for key, issuer, window in (leaf, *shown, *roots):
        numbers += [99 if key == "leaf" else key, issuer, *window, int(key != "leaf")]
    return " ".join(map(str, numbers))


def main() -> int:
    if shutil.which("openssl") is None:
        print("skipped: there is no openssl")
        return 77
    draw = random.Random(1)
    cases = [make_case(draw) for _ in range(CASES)]
    with tempfile.TemporaryDirectory() as directory:
        certificates = Certificates(pathlib.Path(directory))
        theirs = [certificates.judge(*case) for case in cases]
    status = 0
    for number, probe in enumerate(sys.argv[1:]):
        output = subprocess.run([probe], input="\n".join(map(line_of, cases)) + "\n", capture_output=True, text=True, check=True)
        ours = [OUR_KINDS[word] for word in output.stdout.split()]
        different = [(case, a, b) for case, a, b in zip(cases, ours, theirs, strict=True) if a != b]
        kinds = {kind: theirs.count(kind) for kind in sorted(set(theirs))}
        print(f"{pathlib.Path(probe).name}: {len(different)} of {CASES} chains judged otherwise than by openssl, {kinds}")
        if number == 0:
            for case, a, b in different[:5]:
                print(f"  ours {a}, openssl {b}: {case}")
        status |= int(bool(different) != (number > 0))
    return status


if __name__ == "__main__":
    sys.exit(main())
