// Runs scripts of calls against npm's cockatiel and opossum under a clock of our own, and prints a trace per script.
//
// usage: node npm_breakers.mjs DIRECTORY-WITH-NODE_MODULES < scripts > traces
//
// A script is a line of settings, "|" and inputs; breaker_probe.cpp reads the same. Inputs: "a" starts a call, "sK" and
// "fK" let call K succeed or fail, "wN" lets N milliseconds pass. A trace has one word per input: what became of it
// (A admitted, R refused, - nothing to do) and the state after it (c closed, o open, h half-open).
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { createInterface } from 'node:readline';
import path from 'node:path';

// Time stands still unless a script lets it pass.
let now = 1_000_000_000;
let nextTimer = 1;
const timers = new Map();
Date.now = () => now;
const add = (run, delay, every) => {
  const id = nextTimer++;
  timers.set(id, { id, at: now + delay, run, every });
  return { id, unref() {}, ref() {}, [Symbol.toPrimitive]: () => id };
};
globalThis.setTimeout = (run, delay) => add(run, delay, 0);
globalThis.setInterval = (run, delay) => add(run, delay, delay);
globalThis.clearTimeout = globalThis.clearInterval = timer => timer && timers.delete(timer.id ?? timer);

async function settled() {
  for (let turn = 0; turn < 24; ++turn) {
    await null;
  }
}

async function pass(milliseconds) {
  const end = now + milliseconds;
  for (;;) {
    let due = null;
    for (const timer of timers.values()) {
      if (timer.at <= end && (!due || timer.at < due.at || (timer.at === due.at && timer.id < due.id))) {
        due = timer;
      }
    }
    if (!due) {
      break;
    }
    now = due.at;
    due.every ? (due.at += due.every) : timers.delete(due.id);
    due.run();
    await settled();
  }
  now = end;
}

const directory = process.argv[2];
const require = createRequire(path.join(path.resolve(directory), 'x.js'));
const cockatiel = await import(pathToFileURL(require.resolve('cockatiel')));
const Opossum = require('opossum');

/** A call that the script settles by hand. */
function call() {
  const made = { started: false };
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  made.run = () => {
    made.started = true;
    return made.promise;
  };
  return made;
}

// noJitterGenerator doubles whatever `exponent` says (4.0.0), so that other growth needs its delays spelled out.
function cockatielBackoff(settings) {
  if (settings.growth === 1) {
    return settings.open;
  }
  if (settings.growth === 2) {
    return new cockatiel.ExponentialBackoff({
      initialDelay: settings.open, maxDelay: settings.longest, generator: cockatiel.noJitterGenerator });
  }
  const delay = opening => Math.min(settings.longest, settings.open * settings.growth ** opening);
  return new cockatiel.IterableBackoff(Array.from({ length: 8 }, (_, opening) => delay(opening)));
}

function cockatielBreaker(settings) {
  const inner = {
    consecutive: () => new cockatiel.ConsecutiveBreaker(settings.errors),
    count: () => new cockatiel.CountBreaker({
      threshold: settings.percent / 100, size: settings.size, minimumNumberOfCalls: settings.minimum }),
    sampling: () => new cockatiel.SamplingBreaker({
      threshold: settings.percent / 100, duration: settings.buckets * settings.bucket,
      minimumRps: settings.minimum / (settings.buckets * settings.bucket / 1000) }),
  }[settings.window]();
  const policy = cockatiel.circuitBreaker(cockatiel.handleAll, {
    halfOpenAfter: cockatielBackoff(settings),
    breaker: inner,
    halfOpenSampling: { calls: settings.permits, threshold: settings.trial / 100 },
  });
  const letters = { [cockatiel.CircuitState.Closed]: 'c', [cockatiel.CircuitState.HalfOpen]: 'h' };
  return {
    // It notices the end of its open interval at the next call; the trace says what that call would find.
    state() {
      const state = policy.innerState;
      const isOver = state.value === cockatiel.CircuitState.Open && now - state.openedAt >= state.backoff.duration;
      return isOver ? 'h' : letters[state.value] ?? 'o';
    },
    // What is over the permits waits for the decision and is then executed again; refused here, as our breaker does.
    fire(made) {
      const state = policy.innerState;
      if (state.value === cockatiel.CircuitState.HalfOpen &&
          state.successes + state.failures + state.inFlight >= settings.permits) {
        return;
      }
      policy.execute(made.run).catch(() => {});
    },
    stop() {},
  };
}

function opossumBreaker(settings) {
  const breaker = new Opossum(made => made.run(), {
    timeout: false,
    resetTimeout: settings.open,
    errorThresholdPercentage: settings.percent,
    rollingCountTimeout: settings.buckets * settings.bucket,
    rollingCountBuckets: settings.buckets,
    volumeThreshold: settings.minimum,
    enableSnapshots: false,
    rollingPercentilesEnabled: false,
  });
  return {
    state: () => (breaker.closed ? 'c' : breaker.halfOpen ? 'h' : 'o'),
    fire: made => breaker.fire(made).catch(() => {}),
    stop: () => breaker.shutdown(),
  };
}

async function trace(line) {
  const [head, body] = line.split('|');
  const settings = Object.fromEntries(head.trim().split(/\s+/).map(word => {
    const [key, value] = word.split('=');
    return [key, isNaN(value) ? value : Number(value)];
  }));
  const breaker = settings.product === 'opossum' ? opossumBreaker(settings) : cockatielBreaker(settings);
  const calls = [];
  // A call is stale where the breaker has changed its state since the call began.
  let eras = 0;
  let last = breaker.state();
  const words = [];
  for (const input of body.trim().split(/\s+/)) {
    let became = '-';
    if (input === 'a') {
      const made = call();
      calls.push(made);
      if (!(settings.quiet && breaker.state() === 'o')) {
        const before = breaker.state();
        breaker.fire(made);
        await settled();
        became = made.started ? 'A' : 'R';
        // The first call after the open interval belongs to the trial that it begins.
        eras += before !== last || breaker.state() !== before ? 1 : 0;
        last = breaker.state();
        made.era = eras;
      }
    } else if (input[0] === 'w') {
      await pass(Number(input.slice(1)));
    } else {
      const made = calls[Number(input.slice(1))];
      const isStale = made.era !== eras;
      if (made.started && !made.done && !(settings.fresh && isStale)) {
        made.done = true;
        became = isStale ? 'x' : '+';
        input[0] === 's' ? made.resolve() : made.reject(new Error('failed'));
        await settled();
      }
    }
    if (breaker.state() !== last) {
      ++eras;
      last = breaker.state();
    }
    words.push(became + breaker.state());
  }
  breaker.stop();
  timers.clear();
  // The next script begins at a round moment, so that its buckets of time begin where ours do.
  now = Math.ceil((now + 1) / 1_000_000_000) * 1_000_000_000;
  return words.join(' ');
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(await trace(line));
}
