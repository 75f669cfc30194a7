#!/usr/bin/python3
"""Compares our retried and hedged calls with those of @grpc/grpc-js over a real connection: its server answers each
attempt from a script, with failures, pushbacks and successes, and both clients must make the same number of attempts
and end alike. Calls of one client share its retry throttle.

Hedging is compared without throttling, and copies go out only because others fail: @grpc/grpc-js 1.14.7 does not ask
its throttle for hedges, and ends a call at a pushback that forbids more, where proposal A6 lets copies under way go on.

usage: grpc_js_calls_test.py PROBE DIRECTORY

PROBE is budget_probe; the packages are installed below DIRECTORY, once.
"""

import pathlib
import random
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from npm_packages import GRPC_JS, SMITHY_RETRY, answers, install  # noqa: E402: found by the line above

CLIENT = """
const grpc = require("@grpc/grpc-js");
const [head, ...calls] = require("fs").readFileSync(0, "utf8").trim().split("\\n");
const [, kind, attempts, max, ratio] = head.split(" ");
const raw = { requestSerialize: b => b, requestDeserialize: b => b,
              responseSerialize: b => b, responseDeserialize: b => b };
const service = { call: { path: "/test/call", requestStream: false, responseStream: false, ...raw } };
const codes = { unavailable: grpc.status.UNAVAILABLE, failed: grpc.status.INVALID_ARGUMENT };

let script = [];
let made = 0;
const server = new grpc.Server();
server.addService(service, { call: (call, callback) => {
  ++made;
  const [what, pushback] = (script.shift() ?? "succeeded").split(":");
  if (what === "succeeded") return callback(null, Buffer.from("x"));
  const metadata = new grpc.Metadata();
  if (pushback !== undefined) metadata.set("grpc-retry-pushback-ms", pushback);
  callback({ code: codes[what], details: what, metadata });
}});

const policy = kind === "retry"
  ? { retryPolicy: { maxAttempts: +attempts, initialBackoff: "0.001s", maxBackoff: "0.001s",
                     backoffMultiplier: 1, retryableStatusCodes: ["UNAVAILABLE"] } }
  : { hedgingPolicy: { maxAttempts: +attempts, hedgingDelay: "30s", nonFatalStatusCodes: ["UNAVAILABLE"] } };
const config = { methodConfig: [{ name: [{}], ...policy }] };
if (kind === "retry") config.retryThrottling = { maxTokens: max / 1000, tokenRatio: ratio / 1000 };

server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), async (error, port) => {
  if (error) throw error;
  const Client = grpc.makeGenericClientConstructor(service, "test");
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(),
                            { "grpc.service_config": JSON.stringify(config) });
  for (const call of calls) {
    script = call.split(" ");
    made = 0;
    const code = await new Promise(done => client.call(Buffer.from("x"), e => done(e ? e.code : 0)));
    console.log(made, code === 0 ? "succeeded" : code === codes.unavailable ? "unavailable" : "failed");
  }
  client.close();
  server.forceShutdown();
});
"""


def random_call(rng: random.Random, good: float) -> str:
    outcomes = []
    for _ in range(6):
        draw = rng.random()
        if draw < good:
            outcomes.append("succeeded")
        elif draw < good + 0.08:
            outcomes.append("failed")
        else:
            outcomes.append("unavailable" + rng.choice(("", "", "", ":0", ":3", ":-1")))
    return " ".join(outcomes)


def compare(probe: str, directory: pathlib.Path, kind: str, seed: int) -> int:
    rng = random.Random(f"{kind} {seed}")
    # Ratios whose sums binary fractions hold exactly: grpc-js counts in them.
    head = f"{kind} {rng.randrange(2, 7)} {rng.choice((4000, 10000, 1000000, 1000000))} {rng.choice((125, 250, 500, 1000))}"
    good = rng.choice((0.2, 0.5, 0.7))
    calls = [random_call(rng, good) for _ in range(250)]
    text = f"calls {head}\n" + "\n".join(calls) + "\n"
    ours = answers([probe], text, directory)
    theirs = answers(["node", "-e", CLIENT], text, directory)
    assert len(ours) == len(theirs) == len(calls), (len(ours), len(theirs))
    for number, (call, our, their) in enumerate(zip(calls, ours, theirs)):
        assert our == their, f"{head}, seed {seed}, call {number} ({call}): ours {our}, grpc-js {their}"
    return sum(int(their[0]) for their in theirs)


def main() -> int:
    probe, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    install(directory, GRPC_JS, SMITHY_RETRY)
    for kind in ("retry", "hedge"):
        attempts = sum(compare(probe, directory, kind, seed) for seed in range(6))
        print(f"{kind}: {6 * 250} calls with {attempts} attempts, all as @grpc/grpc-js makes them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
