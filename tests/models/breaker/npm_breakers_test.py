#!/usr/bin/python3
"""Compares our breaker's state traces with those of npm's cockatiel and opossum on random scripts of calls.

usage: npm_breakers_test.py PROBE DIRECTORY [SCRIPTS-PER-SUITE]

Each suite says which differences it allows and why. Where it allows none, every word of every trace must be equal.
Where it allows some, a script's traces must be equal up to the first input that the rule names, and at least one script
has to differ: a rule that explains nothing would be a lie. A planted difference must be found.
"""

import pathlib
import random
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from npm_packages import COCKATIEL, OPOSSUM, install  # noqa: E402: found by the line above

# Scripts --------------------------------------------------------------------------------------------------------------


def sequential(rng, length, waits, wait_within=True):
    """One call after another; time may pass within a call."""
    words, calls = [], 0
    error_share = rng.choice([0.2, 0.5, 0.8])
    while len(words) < length:
        words.append("a")
        if wait_within and rng.random() < 0.2:
            words.append(f"w{rng.choice(waits)}")
        words.append(("f" if rng.random() < error_share else "s") + str(calls))
        calls += 1
        if rng.random() < 0.3:
            words.append(f"w{rng.choice(waits)}")
    return words


def concurrent(rng, length, waits):
    """Calls overlap, end in any order, and may never end."""
    words, calls, under_way = [], 0, []
    error_share = rng.choice([0.2, 0.5, 0.8])
    while len(words) < length:
        dice = rng.random()
        if dice < 0.45 or not under_way:
            words.append("a")
            under_way.append(calls)
            calls += 1
        elif dice < 0.85:
            call = under_way.pop(rng.randrange(len(under_way)))
            words.append(("f" if rng.random() < error_share else "s") + str(call))
        else:
            words.append(f"w{rng.choice(waits)}")
    return words


def busy(rng, length, bucket):
    """A call at once in every bucket of time."""
    words, calls = [], 0
    error_share = rng.choice([0.2, 0.5, 0.8])
    while len(words) < length:
        for _ in range(rng.randint(1, 3)):
            words += ["a", ("f" if rng.random() < error_share else "s") + str(calls)]
            calls += 1
        words.append(f"w{bucket}")
    return words


def idle(rng, length, bucket):
    """As busy, but with stretches in which nothing is called."""
    words = busy(rng, length, bucket)
    return [f"w{bucket * rng.randint(2, 12)}" if word[0] == "w" and rng.random() < 0.2 else word for word in words]


def stragglers(rng):
    """Failures that open the circuit, while one early call ends only when it is half-open."""
    failing = [word for call in range(1, 7) for word in ("a", f"f{call}")]
    return ["a", *failing, "w1000", "a", rng.choice(["s0", "f0"]), rng.choice(["s7", "f7"]), "w1", "a", "a"]


def settings(**values):
    return " ".join(f"{key}={value}" for key, value in values.items())


def cockatiel(rng, **values):
    permits = rng.choice([1, 1, 2, 3, 5])
    first = rng.choice([100, 300])
    chosen = dict(product="cockatiel", open=first, longest=rng.choice([first, 800]), growth=rng.choice([1, 2, 3]),
                  permits=permits, trial=rng.choice([0, 25, 50]) if permits > 1 else 0)
    window = values.pop("window", None) or rng.choice(["consecutive", "count"])
    if window == "consecutive":
        chosen.update(window=window, errors=rng.choice([1, 2, 3, 5]))
    elif window == "count":
        size = rng.choice([1, 3, 5, 10])
        chosen.update(window=window, size=size, minimum=rng.randint(1, size), percent=rng.choice([25, 50, 75]))
    else:
        chosen.update(window=window, bucket=1000, buckets=rng.choice([5, 8]), minimum=rng.choice([1, 3, 5, 10]),
                      percent=rng.choice([25, 50, 75]), open=rng.choice([1000, 3000]), longest=9000)
    return settings(**{**chosen, **values})


def opossum(rng, **values):
    # The old window is over before the trial, since opossum does not clear it.
    chosen = dict(product="opossum", window="sampling", bucket=100, buckets=5, open=rng.choice([600, 1000]),
                  longest=1000, growth=1, permits=1, trial=0, minimum=rng.choice([1, 2, 3, 5]),
                  percent=rng.choice([25, 50, 75]))
    return settings(**{**chosen, **values})


# Rules: from which input on a difference is explained -----------------------------------------------------------------


def nothing(words, trace):
    return None


def stale_completion(words, trace):
    return next((place for place, word in enumerate(trace) if word[0] == "x"), None)


def idle_gap(words, trace):
    return next((place for place, word in enumerate(words) if word[0] == "w" and int(word[1:]) > 1000), None)


def refused_attempt(words, trace):
    return next((place for place, word in enumerate(trace) if word[0] == "R"), None)


def attempt_under_way(words, trace):
    """A call that did not end at once."""
    for place, word in enumerate(words):
        if word == "a" and place + 1 < len(words) and words[place + 1][0] not in "sf":
            return place
    return None


def closed_again(words, trace):
    return next((place for place in range(1, len(trace)) if trace[place - 1][1] + trace[place][1] == "hc"), None)


WAITS = [1, 20, 50, 100, 150, 300, 900]
SUITES = [
    ("cockatiel, one call at a time", nothing,
     lambda rng: (cockatiel(rng), sequential(rng, 60, WAITS))),
    ("cockatiel, overlapping calls without stale completions", nothing,
     lambda rng: (cockatiel(rng, fresh=1), concurrent(rng, 80, WAITS))),
    ("cockatiel, SamplingBreaker with a call in every bucket", nothing,
     lambda rng: (cockatiel(rng, window="sampling"), busy(rng, 90, 1000))),
    ("opossum, one call at a time, none while open", nothing,
     lambda rng: (opossum(rng, quiet=1), sequential(rng, 60, WAITS, wait_within=False))),
    # Their defect: a call that began before the circuit opened can reopen it while it is half-open, and counts in the
    # window of the next closed period. Ours belong to one generation.
    ("cockatiel, stale completions", stale_completion,
     lambda rng: (cockatiel(rng), concurrent(rng, 80, WAITS))),
    # Their defect: SamplingBreaker moves on by one bucket at most per call, however long ago the last call was, so that
    # after a pause it judges by calls much older than its duration.
    ("cockatiel, SamplingBreaker after pauses", idle_gap,
     lambda rng: (cockatiel(rng, window="sampling"), idle(rng, 90, 1000))),
    # Their choice: the error rate is failures over attempts, and a call refused while open is an attempt.
    ("opossum, calls while open", refused_attempt,
     lambda rng: (opossum(rng), sequential(rng, 60, WAITS, wait_within=False))),
    # Their choice: closing does not clear the window. A circuit that was open for less than the window's length trips again
    # at once, by the failures it was opened for.
    ("opossum, window longer than the open interval", closed_again,
     lambda rng: (opossum(rng, quiet=1, open=200), sequential(rng, 60, WAITS, wait_within=False))),
    # Their choice: a call under way is an attempt already, in the bucket of its start.
    ("opossum, overlapping calls without stale completions", attempt_under_way,
     lambda rng: (opossum(rng, quiet=1, fresh=1), concurrent(rng, 80, WAITS))),
    # Their defect: any success while half-open closes and any failure opens, whenever its call began.
    ("opossum, stale completions of one probe at a time", stale_completion,
     lambda rng: (opossum(rng, quiet=1, minimum=1, percent=25), stragglers(rng))),
]


def traces(command, lines):
    done = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed: {done.stderr[-2000:]}")
    return [line.split() for line in done.stdout.splitlines()]


def first_difference(ours, theirs):
    return next((place for place, pair in enumerate(zip(ours, theirs)) if pair[0] != pair[1]), None)


def compare(name, rule, scripts, ours, theirs, report=print):
    """The number of explained differences; reports and returns None on one that is not."""
    explained = 0
    for (head, words), our, their in zip(scripts, ours, theirs, strict=True):
        if not len(words) == len(our) == len(their):
            report(f"{name}: traces of different length for: {head} | {' '.join(words)}")
            return None
        place = first_difference(our, their)
        if place is None:
            continue
        allowed = rule(words, our)
        if allowed is None or allowed > place:
            report(f"{name}: word {place} differs\n  script {head} | {' '.join(words)}\n"
                   f"  ours   {' '.join(our)}\n  theirs {' '.join(their)}")
            return None
        explained += 1
    return explained


def transitions(trace):
    return sum(before[1] != after[1] for before, after in zip(trace, trace[1:]))


def main() -> int:
    probe, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 1500
    install(directory, COCKATIEL, OPOSSUM)
    node = ["node", str(pathlib.Path(__file__).with_name("npm_breakers.mjs")), str(directory)]
    failed = False
    for number, (name, rule, make) in enumerate(SUITES):
        rng = random.Random(number)
        scripts = [make(rng) for _ in range(count)]
        lines = [f"{head} | {' '.join(words)}" for head, words in scripts]
        ours, theirs = traces([probe], lines), traces(node, lines)
        explained = compare(name, rule, scripts, ours, theirs)
        changes = sum(map(transitions, theirs))
        if explained is None or changes < count or (rule is not nothing and explained == 0):
            print(f"FAILED {name}: {explained} explained, {changes} transitions")
            failed = True
            continue
        print(f"{name}: {count} scripts, {sum(map(len, ours))} inputs, {changes} transitions, "
              f"{count - explained} traces equal, {explained} differ by the rule '{rule.__name__}'")
        planted = [list(trace) for trace in ours]
        words = planted[count // 2]
        words[len(words) // 2] = words[len(words) // 2][0] + ("c" if words[len(words) // 2][1] == "o" else "o")
        if rule is nothing and compare(name, rule, scripts, planted, theirs, lambda _: None) is not None:
            print(f"FAILED {name}: a planted difference was not found")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
