"""Rounds run by threads on one backend, and operations one after another."""

import contextlib
import sys
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from random import Random

import attrs

from conformance.concurrent.histories.records import Record, Who
from conformance.concurrent.limits import patience
from conformance.concurrent.load.pausing import pauses, pausing
from conformance.concurrent.load.recording import recorded
from conformance.concurrent.load.rounds import Round, RoundResult, Seen
from conformance.concurrent.load.runner import LOOK_SECONDS
from conformance.harness.harness import Harness
from conformance.harness.store import Store
from conformance.programs.calls import call
from conformance.programs.operations import Program
from conformance.programs.outcomes import Hung
from conformance.system.budget import Allowance

SWITCH = 1e-6
"""Seconds between two switches of threads: as often as Python can."""


@attrs.frozen
class ThreadRunner:
    """Runs rounds with a thread for each client; in three of every five, they pause at random in Python code."""

    harness: Harness

    @property
    def who(self) -> Who:
        return "thread"

    def run(self, rounds: Iterable[Round]) -> Generator[RoundResult, None, None]:
        seconds = patience(self.harness)
        for number, round_ in enumerate(rounds):
            store = self.harness.open(**self.harness.cheap)
            result = _at_once(round_, store.backend, seconds, Random(number) if pauses(number) else None)
            if result.stuck:
                _abandon(store)
            else:
                self.harness.close(store)
            yield result

    def alone(self, program: Program) -> RoundResult:
        round_ = Round((), (program,))
        store = self.harness.open(**self.harness.cheap)
        seen: list[Seen] = []
        try:
            for operation in (*program, *round_.reads):
                record = recorded(operation, store.backend, self.harness.perform)
                if isinstance(record.outcome, Hung):
                    return RoundResult(round_, tuple(seen), ((1, str(record.outcome)),))
                seen.append(Seen(0, record))
        finally:
            self.harness.close(store)
        return RoundResult(round_, tuple(seen))


@attrs.frozen
class Gate:
    """What so many clients pass at once, when it is open."""

    clients: int
    open: threading.Event = attrs.field(factory=threading.Event)
    _stands_here: threading.Semaphore = attrs.field(factory=lambda: threading.Semaphore(0))
    _there: list[None] = attrs.field(factory=list)

    def start(self, threads: Iterable[threading.Thread]) -> None:
        """Start threads that pass through, and open the gate once each stands at it, or has ended before.

        One begins after the other: a tool (coverage, a debugger) may have each thread install a trace function as it
        begins, and Python ends a thread that does so while another one does.
        """
        for thread in threads:
            thread.start()
            while not self._stands_here.acquire(timeout=LOOK_SECONDS):
                if not thread.is_alive():
                    self._there.append(None)  # or the others would wait for it
                    break
        self.open.set()

    def pass_through(self, *, awake: bool) -> None:
        """Wait for the others; `awake`, for what takes less time than it takes to wake up."""
        self._stands_here.release()
        self.open.wait()
        self._there.append(None)
        while awake and len(self._there) < self.clients:
            pass


@attrs.frozen
class _Client:
    """What a thread does: it waits until all are there, runs its program, and writes down what it has seen.

    Args:
        number: its number, from 1.
        program: what it is to do.
        backend: the backend that all share.
        random: where its pauses come from; None if it is not to pause.
        log: what it has seen so far, which others look at meanwhile.
    """

    number: int
    program: Program
    backend: object
    random: Random | None
    log: list[Record] = attrs.field(factory=list)

    def run(self, gate: Gate) -> None:
        if self.random is not None:
            with contextlib.suppress(RuntimeError):  # a thread that is none of these installs one
                sys.settrace(pausing(Random(self.random.random() + self.number - 1)))
        gate.pass_through(awake=self.random is None)
        self.log.extend(recorded(operation, self.backend) for operation in self.program)

    @property
    def is_done(self) -> bool:
        return len(self.log) == len(self.program)

    def not_ended(self, seconds: float) -> str:
        return f"{call(self.program[len(self.log)])} did not end within {seconds:g} s"


def _at_once(round_: Round, backend: object, seconds: float, random: Random | None) -> RoundResult:
    before = [Seen(0, recorded(operation, backend)) for operation in round_.initial]
    clients = [_Client(number, program, backend, random) for number, program in enumerate(round_.clients, 1)]
    gate = Gate(len(clients))
    threads = [threading.Thread(target=client.run, args=(gate,), daemon=True) for client in clients]
    with _switching_often():
        gate.start(threads)
        _wait(threads, clients, seconds)
    seen = [*before, *(Seen(client.number, record) for client in clients for record in tuple(client.log))]
    late = [client for client in clients if not client.is_done]
    if any(not threads[client.number - 1].is_alive() for client in late):
        return RoundResult(round_, impediment="an operation ended its thread")
    stuck = tuple((client.number, client.not_ended(seconds)) for client in late)
    after = () if stuck else tuple(Seen(0, recorded(operation, backend)) for operation in round_.reads)
    return RoundResult(round_, (*seen, *after), stuck)


@contextlib.contextmanager
def _switching_often() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


def _wait(threads: Sequence[threading.Thread], clients: Sequence[_Client], seconds: float) -> None:
    """Wait until all threads have ended, or no operation has for so many seconds of served time."""
    done, allowance = -1, Allowance(seconds)
    while alive := [thread for thread in threads if thread.is_alive()]:
        alive[0].join(LOOK_SECONDS)
        now = sum(len(client.log) for client in clients)
        if now != done:
            done, allowance = now, Allowance(seconds)
        elif allowance.over():
            return


def _abandon(store: Store) -> None:
    """Leave a store that a thread hangs in, if that can be done."""
    thread = threading.Thread(target=store.close, daemon=True)
    thread.start()
    thread.join(1)
