"""Two processes on one place: one halted before each system call that changes it, the other one's operation run whole.

Where the place is no directory, the one is halted before each message that it sends to a server.

Each pair is judged as one of two threads is (LIN-2, LIN-3, ADD-2); so are two that open empty storage (ID-9).
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from conformance.concurrent.pairs.counterexample import failure_of_opening, failure_of_race
from conformance.concurrent.pairs.openings import opened_id
from conformance.concurrent.pairs.pairs import Pair, Race, applies, explained, reads_after, seen
from conformance.harness.halting import UNSEEN, watched
from conformance.harness.harness import Harness
from conformance.harness.performing import perform
from conformance.harness.store import close_backend
from conformance.probes.interleaving import Partner
from conformance.probes.syscalls import Action, Continue, Stop, available, supervised
from conformance.programs.material import Material
from conformance.programs.operations import Add, Get, ListKeys, Move, Program, RemoveKey, Set
from conformance.programs.outcomes import Outcome, Raised, Returned
from conformance.run.run import Run
from spec_store.requirements import RequirementId, asked_for, for_processes

SECONDS = 8.0
"""CPU seconds that all pairs may take once each requirement was put to the test."""

STOPS = 40
"""How many system calls of an operation are tried at most."""

WAITING = 30.0
"""Seconds after which an operation that waits for the halted process counts as stuck."""

FURTHER = 3
IDS = asked_for("processes", "threads or processes")
READY = b"ready"


def run_process_races(run: Run) -> None:
    """Judge two processes on one place, and enter what was found into the evidence. Nothing unless that is claimed."""
    evidence = run.evidence
    if not run.claims.processes:
        return
    why = available()
    if why:
        evidence.reasons.update(dict.fromkeys(IDS, f"no process can be halted at its system calls here: {why}"))
        return
    run.watcher.started_program()
    found: list[Race] = []
    try:
        with Partner() as partner:
            if evidence.wants("ID-9"):
                _race_openings(run, partner)
            found.extend(_races(run, partner))
    finally:  # what was found before an interrupt counts
        reported: Counter[RequirementId] = Counter()
        for race in found:
            reported[race.requirement] += 1
            if reported[race.requirement] <= FURTHER:
                evidence.failures.append(failure_of_race(race, run.origin, 1, 1))
    evidence.reasons.update({name: UNSEEN for name in IDS if not evidence.exercised[name]})


def _races(run: Run, partner: Partner) -> Iterator[Race]:
    """A race for each pair that has one, as far as the time goes."""
    evidence = run.evidence
    every = [pair for pair in pairs(run.harness.material) if applies(pair, evidence)]
    tried: Counter[RequirementId] = Counter()
    share = run.budget.share(SECONDS, (for_processes(pair.requirement) for pair in every), tried)
    found = 0
    for number, pair in enumerate(every):
        if share.over():
            break
        run.watcher.started_program()
        run.tell("pairs of processes", number, len(every), found)
        for race in run_pair(run.harness, pair, partner):
            tried[for_processes(pair.requirement)] += 1
            evidence.exercised[for_processes(pair.requirement)] += 1
            if race is not None:
                found += 1
                yield race
            if race is not None or run.budget.over():
                break


def pairs(material: Material) -> Iterator[Pair]:
    """Pairs of operations, what is likeliest to fail first; the first of each is the one that is halted."""
    a, b, c = (material.plain_key(number) for number in range(3))
    value = material.value
    one: Program = (Set(a, value(1)),)
    two: Program = (Set(a, value(1)), Set(b, value(2)))
    yield Pair(one, Set(a, value(3)), Get(a))
    yield Pair(one, Add(c, value(4)), Add(c, value(5)))
    yield Pair(one, Move(a, b), Set(a, value(6)))
    yield Pair(two, Move(a, b), Get(b))
    yield Pair(one, Move(a, b), Get(a))
    yield Pair(two, Move(a, b), ListKeys())
    yield Pair(one, Set(c, value(7)), Set(b, value(8)))
    yield Pair(one, RemoveKey(a), RemoveKey(a))
    yield Pair(one, Set(a, value(3)), Set(a, value(9)))
    yield Pair(two, Set(a, value(3)), ListKeys())
    yield Pair(one, Set(a, value(3)), RemoveKey(a))
    yield Pair(two, RemoveKey(a), Set(b, value(6)))
    yield Pair(one, Move(a, b), Move(a, c))
    yield Pair(one, RemoveKey(a), Move(a, b))
    yield Pair(two, Move(a, b), Move(b, a))
    yield Pair(one, Add(c, value(4)), Get(c))


def run_pair(harness: Harness, pair: Pair, partner: Partner) -> Iterator[Race | None]:
    """Try a pair at one system call after another: a race for each at which there is one, None where there is none."""
    orders = tuple(_in_order(harness, pair, swapped=swapped) for swapped in (False, True))
    for at in range(1, STOPS):
        with harness.subject.place() as place:
            other = harness.subject.open(place)
            for operation in pair.initial:
                perform(operation, other)
            met: list[Stop] = []
            answers: list[Outcome] = []
            on_stop = _running(partner, partial(perform, pair.second, other), at, met, answers)
            outcome = supervised(partial(_first, harness, pair, place), watched(place), on_stop, WAITING)
            if not met:
                close_backend(other)
                return
            waited = not answers
            if waited:
                late = partner.ended(WAITING)
                answers.append(late[0] if late else Raised("TimeoutError"))
            told = outcome.acknowledged[1:]
            first = _received(told[0]) if told else Raised(f"the process {outcome.ended}: {outcome.error}")
            reads = [perform(operation, other) for operation in reads_after(pair)]
            close_backend(other)
        came = seen(pair, first, answers[0], reads)
        fine = came in orders or explained(harness, pair, first, answers[0], reads, (orders[0], orders[1]))
        race = Race(pair, at, "", 0, waited, came, (orders[0], orders[1]), call=met[0].text)
        yield None if fine else race


def _first(harness: Harness, pair: Pair, place: Any, acknowledge: Callable[[bytes], None]) -> None:
    """What the process does that is halted: its outcome goes back as a message, without the exception itself."""
    backend = harness.subject.open(place)
    acknowledge(READY)
    came = perform(pair.first, backend)
    acknowledge(_sent(came))


def _running(
    partner: Partner, second: Callable[[], Any], at: int, met: list[Stop], answers: list[Any]
) -> Callable[[Stop], Action]:
    """Run the second call at the stop with this number, of those after the opening."""
    count = 0

    def on_stop(stop: Stop) -> Action:
        nonlocal count
        if READY in stop.acknowledged and len(stop.acknowledged) == 1:
            count += 1
            if count == at:
                met.append(stop)
                partner.start(second)
                answer = partner.ended_or_waits()
                if answer is not None:
                    answers.append(answer[0])
        return Continue()

    return on_stop


def _in_order(harness: Harness, pair: Pair, *, swapped: bool) -> Any:
    with harness.subject.place() as place:
        backends = [harness.subject.open(place), harness.subject.open(place)]
        for operation in pair.initial:
            perform(operation, backends[0])
        order = [(pair.first, backends[0]), (pair.second, backends[1])]
        came = [perform(operation, backend) for operation, backend in (reversed(order) if swapped else order)]
        first, second = reversed(came) if swapped else came
        reads = [perform(operation, backends[1]) for operation in reads_after(pair)]
        for backend in backends:
            close_backend(backend)
    return seen(pair, first, second, reads)


def _race_openings(run: Run, partner: Partner) -> None:
    """Two processes that open empty storage and read its id, one halted before each of its system calls (ID-9)."""

    harness, evidence = run.harness, run.evidence

    def opening(place: Any, acknowledge: Callable[[bytes], None]) -> None:
        acknowledge(READY)
        acknowledge(_sent(opened_id(harness, place)))

    for at in range(1, STOPS):
        if run.budget.over():
            return
        with harness.subject.place() as place:
            met: list[Stop] = []
            answers: list[Outcome] = []
            on_stop = _running(partner, partial(opened_id, harness, place), at, met, answers)
            outcome = supervised(partial(opening, place), watched(place), on_stop, WAITING)
            if not met:
                return
            if not answers:
                late = partner.ended(WAITING)
                answers.append(late[0] if late else Raised("TimeoutError"))
            told = outcome.acknowledged[1:]
            first = _received(told[0]) if told else Raised(outcome.ended)
            after = opened_id(harness, place)
        evidence.exercised["ID-9"] += 1
        ids = (first, answers[0], after)
        if len({repr(one) for one in ids}) != 1 or not isinstance(after, Returned):
            evidence.failures.append(failure_of_opening("process", (met[0].text, 0, at), ids, run.origin))
            return


def _sent(came: Outcome) -> bytes:
    """An outcome as a message."""
    text = f"returned {came.value!r}" if isinstance(came, Returned) else f"raised {getattr(came, 'kind', came)}"
    return text.encode("utf-8", "surrogatepass")


def _received(message: bytes) -> Outcome:
    """The outcome in a message; a value that is no literal stays as its text."""
    verb, _, text = message.decode("utf-8", "surrogatepass").partition(" ")
    if verb == "raised":
        return Raised(text)
    try:
        return Returned(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        return Returned(text)
