"""The compiled part of the package: what `windtunnel` exports under its own name."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

# ---------------------------------------------------------------- components, step by step

_Floats = npt.ArrayLike
_Endpoint = str | Mapping[str, Any]
_Outcome = Literal["succeeded", "failed", "ignored"] | bool
_AttemptOutcome = (
    Literal["succeeded", "refused", "unavailable", "throttled", "timed_out", "failed", "cancelled"] | bool
)

class Balancer:
    """Chooses an endpoint for each request; step by step, with explicit time in seconds."""

    def __init__(
        self,
        policy: str,
        endpoints: Iterable[_Endpoint],
        *,
        seed: int = 0,
        now: float = 0.0,
        **parameters: Any,
    ) -> None: ...
    def pick(
        self,
        now: float,
        key: str | bytes | None = None,
        *,
        hash: int | None = None,
        attempt: int = 0,
        tried: Iterable[str] | None = None,
        subset: Mapping[str, str] | None = None,
        sticky: str | None = None,
        begin: bool = True,
    ) -> str | None:
        """The address for a request at `now`, or None where nobody may be picked."""
    def done(
        self, now: float, endpoint: str, *, latency: float | None = None, succeeded: bool = True
    ) -> None:
        """A request there has ended; its latency in seconds, by default since the oldest pick under way."""
    def pick_many(
        self,
        now: _Floats,
        keys: Sequence[str | bytes] | None = None,
        *,
        hashes: npt.ArrayLike | None = None,
        latency: npt.ArrayLike | None = None,
        succeeded: npt.ArrayLike | None = None,
    ) -> npt.NDArray[np.int32]:
        """Picks at ascending times of shape (n,); positions in `addresses`, shape (n,), -1 for nobody."""
    def update(self, now: float, endpoints: Iterable[_Endpoint]) -> None:
        """A new snapshot of the endpoints; loads of addresses known before stay."""
    def update_local_cluster(self, proxies: Iterable[_Endpoint]) -> None:
        """The proxies that share this work, for routing by zone."""
    def report_load(
        self,
        now: float,
        endpoint: str,
        *,
        queries_per_second: float,
        errors_per_second: float = 0.0,
        utilization: float,
    ) -> None:
        """What an endpoint reports of itself; of grpc_weighted_round_robin only."""
    def probe_targets(self) -> list[str]:
        """Whom to probe now, once a query; of prequal only."""
    def learn_probe(self, now: float, endpoint: str, *, in_flight: int, latency: float) -> None:
        """A probe's answer; of prequal only."""
    @property
    def policy(self) -> str: ...
    @property
    def parameters(self) -> dict[str, Any]: ...
    @property
    def addresses(self) -> list[str]: ...
    @property
    def active(self) -> npt.NDArray[np.uint32]:
        """Requests under way by endpoint, in the order of `addresses`."""
    @property
    def counts(self) -> dict[str, int]: ...
    @property
    def priority_loads(self) -> list[dict[str, Any]]: ...
    @staticmethod
    def policies() -> dict[str, dict[str, Any]]:
        """Every policy with its parameters and their defaults."""

def deterministic_subset(endpoints: int, size: int, caller: int) -> list[int]:
    """Positions of the endpoints that the caller of that number uses, ascending."""

class Permit:
    """Leave to make one call, to be settled once."""

    @property
    def admitted(self) -> float: ...
    @property
    def generation(self) -> int: ...
    @property
    def serial(self) -> int: ...

class Breaker:
    """A circuit breaker; step by step, times in seconds."""

    def __init__(self, preset: str = "scenario", *, seed: int = 0, **parameters: Any) -> None: ...
    def admit(self, now: float) -> Permit | None:
        """A permit for one call, or None while calls are turned away."""
    def settle(
        self, now: float, permit: Permit, outcome: _Outcome = True
    ) -> Literal["counted", "stale"]:
        """How the call ended; its time is what has passed since admit()."""
    def admit_many(
        self, now: _Floats, succeeded: npt.ArrayLike = True, latency: npt.ArrayLike = 0.0
    ) -> npt.NDArray[np.bool_]:
        """Calls at the times `now`, shape (n,), one after the other; whether each was admitted."""
    def advance(self, now: float) -> None: ...
    def force(self, now: float, target: Literal["open", "closed", "metrics_only"]) -> None: ...
    def release(self, now: float) -> None: ...
    def counts(self, now: float) -> dict[str, int]:
        """Calls, errors and slow calls in the window."""
    def take_transitions(self) -> list[dict[str, Any]]:
        """Changes of state since the last call; at most 16 are kept."""
    @property
    def state(self) -> str: ...
    @property
    def next_deadline(self) -> float | None: ...
    @property
    def retry_at(self) -> float | None: ...
    @property
    def totals(self) -> dict[str, int]: ...
    @property
    def consecutive_errors(self) -> int: ...
    @property
    def trips_in_row(self) -> int: ...
    @property
    def parameters(self) -> dict[str, Any]: ...
    @staticmethod
    def presets() -> dict[str, dict[str, Any]]:
        """Every preset with its parameters and their values."""

_Resource = Literal["connection", "pending_request", "request", "retry", "connection_pool"]

class Bulkhead:
    """Envoy's circuit breakers: so much of each resource at once."""

    def __init__(self, **parameters: Any) -> None: ...
    def admit(self, resource: _Resource = "request") -> bool: ...
    def settle(self, resource: _Resource = "request") -> None: ...
    def in_use(self, resource: _Resource = "request") -> int: ...
    def limit(self, resource: _Resource = "request") -> int: ...
    def overflows(self, resource: _Resource = "request") -> int: ...
    @property
    def parameters(self) -> dict[str, Any]: ...
    @staticmethod
    def defaults() -> dict[str, Any]: ...

class Decision:
    """Whether a request may go on; true where it may."""

    @property
    def admitted(self) -> bool: ...
    @property
    def wait(self) -> float: ...
    @property
    def retry_after(self) -> float: ...
    def __bool__(self) -> bool: ...

_Priority = Literal["ordinary", "critical"]

class Limiter:
    """A limiter of one kind; times in seconds."""

    def __init__(
        self, kind: str, *, now: float = 0.0, dry_run: bool = False, **parameters: Any
    ) -> None: ...
    def admit(self, now: float, n: int = 1, *, priority: _Priority = "ordinary") -> Decision:
        """Whether a request of `n` permits may go on."""
    def peek(self, now: float, n: int = 1) -> Decision:
        """The same, taking nothing."""
    def settle(self, n: int = 1) -> None:
        """Requests have ended; of the kind "concurrency" only."""
    def admit_many(self, now: _Floats, n: npt.ArrayLike = 1) -> npt.NDArray[np.bool_]:
        """Decisions at the ascending times `now`, shape (n,), in seconds."""
    def wait_many(self, now: _Floats, n: npt.ArrayLike = 1) -> npt.NDArray[np.float64]:
        """The same as seconds to wait, shape (n,); nan for refused."""
    def is_fresh(self, now: float) -> bool: ...
    @property
    def kind(self) -> str: ...
    @property
    def parameters(self) -> dict[str, Any]: ...
    @property
    def state(self) -> dict[str, Any]: ...
    @staticmethod
    def kinds() -> dict[str, dict[str, Any]]:
        """Every kind with its parameters and defaults."""

class KeyedLimiter:
    """A limiter for each key; keys least recently used are forgotten."""

    def __init__(self, kind: str, **parameters: Any) -> None: ...
    def admit(
        self, now: float, key: str, n: int = 1, *, priority: _Priority = "ordinary"
    ) -> Decision: ...
    def __contains__(self, key: str) -> bool: ...
    def __len__(self) -> int: ...
    @property
    def evicted(self) -> int: ...
    @property
    def forgotten(self) -> int: ...
    @property
    def parameters(self) -> dict[str, Any]: ...

_Rate = float | str | tuple[int, float]

class HierarchicalLimiter:
    """Token buckets in a tree; a request takes from its own and all above it, or from none."""

    def __init__(self) -> None: ...
    def add(
        self, name: str, rate: _Rate, burst: int, *, parent: str | None = None, now: float = 0.0
    ) -> None: ...
    def admit(self, now: float, level: str, n: int = 1) -> tuple[Decision, str | None]:
        """The decision, and the name of the level that refuses or None."""
    def available(self, now: float, level: str) -> int: ...
    @property
    def levels(self) -> list[str]: ...

class Withdrawal:
    """What a retry took from its budget."""

    @property
    def tokens(self) -> int: ...

class RetryBudget:
    """How many retries a client may make."""

    def __init__(self, kind: str = "finagle", **parameters: Any) -> None: ...
    def attempt_started(self, now: float, *, retry: bool = False) -> None: ...
    def attempt_ended(
        self,
        now: float,
        outcome: _AttemptOutcome = True,
        *,
        spent: Withdrawal | None = None,
        retryable: bool = True,
        pushback: float | None = None,
    ) -> None:
        """An attempt ended; `spent` is the withdrawal that a retry was made with."""
    def try_withdraw(self, now: float, cause: _AttemptOutcome = "unavailable") -> Withdrawal | None:
        """Leave for one retry after such a failure, or None."""
    def cancel(self, now: float, withdrawal: Withdrawal) -> None:
        """The retry is not made after all."""
    @property
    def kind(self) -> str: ...
    @property
    def state(self) -> dict[str, int]: ...
    @property
    def parameters(self) -> dict[str, Any]: ...
    @staticmethod
    def kinds() -> dict[str, dict[str, Any]]:
        """Every kind with its parameters and defaults."""

class Backoff:
    """How long to wait before each retry, in seconds."""

    def __init__(self, preset: str = "default", *, seed: int = 0, **parameters: Any) -> None: ...
    def next(self) -> float: ...
    def next_from(self, initial: float | str) -> float: ...
    def next_many(self, count: int) -> npt.NDArray[np.float64]: ...
    def reset(self) -> None: ...
    @property
    def parameters(self) -> dict[str, Any]: ...
    @staticmethod
    def presets() -> dict[str, dict[str, Any]]: ...

class RetryPolicy:
    """One call with its retries."""

    def __init__(
        self,
        preset: str = "default",
        *,
        deadline: float = ...,
        budget: RetryBudget | None = None,
        seed: int = 0,
        **parameters: Any,
    ) -> None: ...
    def begin_attempt(self, now: float) -> float:
        """An attempt goes out; returns its own deadline, inf for none."""
    def settle(
        self,
        now: float,
        outcome: _AttemptOutcome,
        *,
        committed: bool = False,
        pushback: float | None = None,
    ) -> float | str:
        """Seconds to wait before the next attempt, or the reason why there is none."""
    def cancel(self, now: float) -> None: ...
    @property
    def attempts(self) -> int: ...
    @property
    def parameters(self) -> dict[str, Any]: ...
    @staticmethod
    def presets() -> dict[str, dict[str, Any]]: ...

class Hedging:
    """One call, sent to several before the first answers."""

    def __init__(
        self, *, deadline: float = ..., budget: RetryBudget | None = None, **parameters: Any
    ) -> None: ...
    def start(self, now: float) -> list[tuple[str, int]]:
        """What to do: ("send", attempt), ("cancel", attempt) or (result, attempt)."""
    def on_timer(self, now: float) -> list[tuple[str, int]]: ...
    def on_result(
        self,
        now: float,
        attempt: int,
        outcome: _AttemptOutcome,
        *,
        committed: bool = False,
        pushback: float | None = None,
    ) -> list[tuple[str, int]]: ...
    @property
    def next_timer(self) -> float: ...
    @property
    def is_finished(self) -> bool: ...
    @property
    def attempts_sent(self) -> int: ...
    @property
    def parameters(self) -> dict[str, Any]: ...
    @staticmethod
    def defaults() -> dict[str, Any]: ...

class LatencyQuantile:
    """A quantile of recent latencies, for hedging."""

    def __init__(self, **parameters: Any) -> None: ...
    def observe(self, now: float, latency: float) -> None: ...
    def at(self, now: float) -> float: ...
    @property
    def parameters(self) -> dict[str, Any]: ...
    @staticmethod
    def defaults() -> dict[str, Any]: ...

class RaftMessage:
    """A message under way between two nodes."""

    @property
    def number(self) -> int: ...
    @property
    def type(self) -> str: ...
    @property
    def sender(self) -> int: ...
    @property
    def receiver(self) -> int: ...
    @property
    def term(self) -> int: ...
    @property
    def log_term(self) -> int: ...
    @property
    def log_index(self) -> int: ...
    @property
    def commit(self) -> int: ...
    @property
    def context(self) -> int: ...
    @property
    def reject(self) -> bool: ...
    @property
    def transfer(self) -> bool: ...
    @property
    def entries(self) -> list[dict[str, Any]]: ...

class RaftCluster:
    """Raft nodes 0 to n-1 in memory; nothing happens by itself."""

    def __init__(self, n: int = 3, *, seed: int = 0, **parameters: Any) -> None: ...
    def tick(self, node: int, count: int = 1) -> None: ...
    def tick_all(self, count: int = 1) -> None: ...
    def propose(self, node: int, data: str | bytes) -> dict[str, Any]:
        """Proposes one command: outcome, term and index where accepted, leader as known."""
    def campaign(self, node: int) -> None: ...
    def transfer_leadership(self, node: int, to: int) -> str: ...
    def read_index(self, node: int, context: int) -> str: ...
    def report_unreachable(self, node: int, peer: int) -> None: ...
    def deliver(self, message: int | RaftMessage = 0, *, keep: bool = False) -> bool:
        """Gives a message, by itself or by its place in `messages`, to its receiver."""
    def drop(self, message: int | RaftMessage = 0) -> None: ...
    def deliver_all(self, limit: int = 1_000_000) -> int:
        """Delivers in the order of sending until nothing is under way; returns how many."""
    def drop_all(self) -> int: ...
    def write(self, node: int) -> bool:
        """The oldest write held becomes durable; False if none waits."""
    def apply(self, node: int) -> bool:
        """The oldest batch held is applied; False if none waits."""
    def crash(self, node: int, *, writes_kept: int = 0) -> None: ...
    def restart(self, node: int) -> None: ...
    def state(self, node: int) -> dict[str, Any]: ...
    def log(self, node: int) -> list[dict[str, Any]]: ...
    def stored(self, node: int) -> dict[str, Any]: ...
    def applied(self, node: int) -> list[bytes]: ...
    def peers(self, node: int) -> list[dict[str, Any]]: ...
    def take_reads(self) -> list[dict[str, int]]: ...
    @property
    def states(self) -> list[dict[str, Any]]: ...
    @property
    def messages(self) -> list[RaftMessage]: ...
    @property
    def message_count(self) -> int: ...
    @property
    def leader(self) -> int | None: ...
    @property
    def facts(self) -> list[dict[str, Any]]: ...
    @property
    def breach(self) -> dict[str, Any] | None:
        """The first safety property that did not hold, or None."""
    @property
    def parameters(self) -> dict[str, Any]: ...
    @staticmethod
    def defaults() -> dict[str, Any]: ...
    def __len__(self) -> int: ...
