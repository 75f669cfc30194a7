#!/usr/bin/python3
"""Compares our AWS retry quota with @smithy/util-retry (what the AWS SDKs for JavaScript use) and our gRPC throttle with
@grpc/grpc-js, decision by decision and token by token.

usage: npm_budgets_test.py PROBE DIRECTORY

PROBE is budget_probe; the packages are installed below DIRECTORY, once.
"""

import pathlib
import random
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from npm_packages import GRPC_JS, SMITHY_RETRY, answers, install  # noqa: E402: found by the line above

AWS = """
const { StandardRetryStrategy } = require("@smithy/util-retry");
const lines = require("fs").readFileSync(0, "utf8").trim().split("\\n").slice(1);
(async () => {
  const strategy = new StandardRetryStrategy({
    maxAttempts: 3, backoff: { computeNextBackoffDelay: () => 0, setDelayBase: () => {} } });
  const calls = new Map();
  const types = { unavailable: "TRANSIENT", throttled: "THROTTLING", failed: "CLIENT_ERROR" };
  for (const line of lines) {
    const [call, what] = line.split(" ");
    let token = calls.get(call) ?? await strategy.acquireInitialRetryToken("");
    let said = "stop";
    if (what === "succeeded") {
      strategy.recordSuccess(token);
      calls.delete(call);
    } else {
      try {
        calls.set(call, await strategy.refreshRetryTokenForRetry(token, { errorType: types[what] }));
        said = "retry";
      } catch { calls.delete(call); }
    }
    console.log(said, strategy.getCapacity());
  }
})();
"""

GRPC = """
const { RetryThrottler } = require("@grpc/grpc-js/build/src/retrying-call.js");
const [head, ...lines] = require("fs").readFileSync(0, "utf8").trim().split("\\n");
const [, max, ratio] = head.split(" ").map(Number);
const throttler = new RetryThrottler(max / 1000, ratio / 1000);
for (const line of lines) {
  line === "succeeded" ? throttler.addCallSucceeded() : throttler.addCallFailed();
  console.log(throttler.canRetryCall() ? "yes" : "no", throttler.tokens * 1000);
}
"""


def compare_aws(probe: str, directory: pathlib.Path, seed: int) -> int:
    rng = random.Random(seed)
    # Few good answers drain the quota, many fill it.
    good = rng.choice((0.05, 0.3, 0.6, 0.9))
    events = [f"{rng.randrange(20)} " + ("succeeded" if rng.random() < good
                                         else rng.choice(("unavailable", "unavailable", "throttled", "failed")))
              for _ in range(600)]
    text = "aws\n" + "\n".join(events) + "\n"
    ours = answers([probe], text, directory)
    theirs = answers(["node", "-e", AWS], text, directory)
    assert len(ours) == len(theirs) == len(events)
    for number, (event, our, their) in enumerate(zip(events, ours, theirs)):
        assert our == their, f"seed {seed}, event {number} ({event}): ours {our}, @smithy/util-retry {their}"
    return len(events)


def compare_grpc(probe: str, directory: pathlib.Path, seed: int) -> tuple[int, int]:
    rng = random.Random(seed)
    maximum = rng.choice((1000, 10000, 9000, 100000))
    ratio = rng.choice((100, 125, 500, 1000, 250, 30))
    good = rng.choice((0.5, 0.8, 0.9, 0.95))
    events = ["succeeded" if rng.random() < good else "failed" for _ in range(3000)]
    text = f"grpc {maximum} {ratio}\n" + "\n".join(events) + "\n"
    ours = answers([probe], text, directory)
    theirs = answers(["node", "-e", GRPC], text, directory)
    assert len(ours) == len(theirs) == len(events)
    rounded = 0
    for number, (our, their) in enumerate(zip(ours, theirs)):
        place = f"seed {seed}, event {number}: ours {our}, grpc-js {their}"
        assert abs(int(our[1]) - float(their[1])) < 1e-3, place
        if our[0] != their[0]:
            # grpc-js adds binary fractions of a token and may stand a rounding error beside the threshold; the
            # C++ and Java implementations count thousandths, as we do.
            assert 2 * int(our[1]) == maximum, place
            rounded += 1
    return len(events), rounded


def main() -> int:
    probe, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    install(directory, GRPC_JS, SMITHY_RETRY)
    aws = sum(compare_aws(probe, directory, seed) for seed in range(12))
    grpc = [compare_grpc(probe, directory, seed) for seed in range(12)]
    print(f"@smithy/util-retry: {aws} events alike; @grpc/grpc-js: {sum(n for n, _ in grpc)} events alike but for "
          f"{sum(r for _, r in grpc)} at the threshold, by its rounding")
    return 0


if __name__ == "__main__":
    sys.exit(main())
