#!/usr/bin/python3
"""Compares our latency histogram with HdrHistogram's JavaScript port (npm: hdr-histogram-js) at two significant digits:
the same values must give the same quantiles, to the nanosecond.

usage: hdr_histogram_test.py PROBE

The library is looked for in $HDR_HISTOGRAM_JS (a node_modules folder) and in node_modules beside this file's ancestors;
where it is absent the test is skipped (exit code 77).
"""

import os
import pathlib
import random
import shutil
import subprocess
import sys

QUANTILES = (10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100)
SCRIPT = """
const hdr = require(process.argv[1]);
const histogram = hdr.build({bitBucketSize: 64, autoResize: true, lowestDiscernibleValue: 1,
                             highestTrackableValue: 2 ** 43 - 1, numberOfSignificantValueDigits: 2});
const values = require('fs').readFileSync(0, 'utf8').trim().split('\\n').map(Number);
for (const value of values) histogram.recordValue(value);
console.log(histogram.totalCount);
const top = Math.max(...values);
for (const q of JSON.parse(process.argv[2])) console.log(Math.min(top, histogram.getValueAtPercentile(q)));
"""


def library() -> pathlib.Path | None:
    places = [pathlib.Path(p) for p in [os.environ.get("HDR_HISTOGRAM_JS")] if p]
    places += [parent / "node_modules" for parent in pathlib.Path(__file__).resolve().parents]
    return next((place / "hdr-histogram-js" for place in places if (place / "hdr-histogram-js").is_dir()), None)


def samples(seed: int):
    """Latencies of several shapes, in nanoseconds."""
    draw = random.Random(seed)
    shapes = (
        lambda: draw.expovariate(1) * 3e6,
        lambda: draw.lognormvariate(14, 2),
        lambda: draw.uniform(0, 1000),
        lambda: 2 ** draw.uniform(0, 42),
    )
    shape = shapes[seed % len(shapes)]
    return [min(2**43 - 1, int(shape())) for _ in range(5000)]


def main() -> int:
    found = library()
    if not found or not shutil.which("node"):
        print("SKIPPED: node or hdr-histogram-js is not installed")
        return 77
    compared = 0
    for seed in range(40):
        text = "\n".join(map(str, samples(seed)))
        ours = subprocess.run([sys.argv[1]], input=text, capture_output=True, text=True, check=True).stdout.split()
        theirs = subprocess.run(["node", "-e", SCRIPT, str(found), str(list(QUANTILES))], input=text,
                                capture_output=True, text=True, check=True).stdout.split()
        if ours != theirs:
            print(f"seed {seed}: ours {ours}, HdrHistogram {theirs}")
            return 1
        compared += len(ours)
    print(f"{compared} figures are equal")
    return 0


if __name__ == "__main__":
    sys.exit(main())
