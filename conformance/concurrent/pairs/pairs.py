"""Two operations on one backend, the second one run whole at each line of the first (LIN-1, LIN-3, LIN-4, ADD-2).

With two operations and nothing else, linearizable means: what came of them, and what the store holds then, is what
comes of one of the two orders. Both orders are run on the subject itself, so that what it does wrong without any
threads is not held against it once more.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TypeAlias

import attrs

from conformance.concurrent.histories.judge import judge
from conformance.concurrent.histories.records import Record, history_of
from conformance.harness.harness import Harness
from conformance.probes.linearizability import Linearizable
from conformance.programs.keys import ID_KEY
from conformance.programs.material import Material
from conformance.programs.operations import Add, Get, HasKey, ListKeys, Move, Operation, Program, RemoveKey, Set
from conformance.programs.outcomes import Outcome, Raised, Returned
from conformance.report.evidence import Evidence
from spec_store import Key
from spec_store.requirements import RequirementId, for_processes

Seen: TypeAlias = tuple[tuple[str, str], ...]
"""Outcomes as text that can be compared: of the first operation, of the second, and of the reads after them."""


@attrs.frozen
class Pair:
    """Operations on a new store: some one after another, then two at once."""

    initial: Program
    first: Operation
    second: Operation

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys that the operations name, each once."""
        every = (*self.initial, self.first, self.second)
        return tuple(dict.fromkeys(key for operation in every for key in operation.keys))

    @property
    def requirement(self) -> RequirementId:
        """The id of the requirement that the pair is about."""
        if isinstance(self.first, ListKeys) or isinstance(self.second, ListKeys):
            return "LIN-3"
        if isinstance(self.first, Add) and isinstance(self.second, Add):
            return "ADD-2"
        return "LIN-1" if set(self.first.keys) & set(self.second.keys) else "LIN-4"


@attrs.frozen
class Race:
    """A pair whose outcome no order explains.

    Args:
        pair: the pair.
        at: the number of the line of the first operation before which the second one ran.
        file: the file of that line, `line` its number in it, and `occurrence` how often it had been reached.
        waited: whether the second operation had to wait until the first had ended.
        seen: what came.
        orders: what comes of the first operation and then the second, and the other way round.
        stuck: what is to be said if the second operation does not end.
        call: the system call before which a process was halted, where there are two processes; `at` is its number.
    """

    pair: Pair
    at: int
    file: str
    line: int
    waited: bool
    seen: Seen
    orders: tuple[Seen, Seen]
    occurrence: int = 1
    stuck: str = ""
    call: str = ""

    @property
    def who(self) -> str:
        """What runs the operations: a "thread" or a "process"."""
        return "process" if self.call else "thread"

    @property
    def requirement(self) -> RequirementId:
        """The id of the requirement that is violated."""
        return for_processes(self.pair.requirement) if self.call else self.pair.requirement

    @property
    def size(self) -> int:
        """How many operations the counterexample has."""
        return len(self.pair.initial) + 2


def pairs(material: Material) -> Iterator[Pair]:
    """Every pair of operations on two keys and a third one, from three states.

    The requirements take turns, so that each has its share of the time, with what is likeliest to fail first.
    """
    groups: dict[RequirementId, list[Pair]] = {}
    for pair in _every_pair(material):
        groups.setdefault(pair.requirement, []).append(pair)
    for turn in zip_longest(*groups.values()):
        yield from (pair for pair in turn if pair is not None)


def _every_pair(material: Material) -> Iterator[Pair]:
    a, b, c = (material.plain_key(number) for number in range(3))
    value = material.value
    states: tuple[Program, ...] = ((Set(a, value(1)),), (Set(a, value(1)), Set(b, value(2))), ())
    writes: tuple[Operation, ...] = (Move(a, b), Set(a, value(3)), Add(c, value(4)), RemoveKey(a), Set(c, value(5)))
    others: tuple[Operation, ...] = (
        *(Get(a), Set(a, value(6)), ListKeys(), Add(c, value(7)), Set(c, value(9)), Move(a, b), RemoveKey(a), Get(b)),
        *(HasKey(a), Move(b, a), Move(a, c), Set(b, value(8)), RemoveKey(b), HasKey(b), Get(c)),
    )
    firsts: tuple[Operation, ...] = (*writes, ListKeys(), Get(a), HasKey(a), Move(b, a))
    every = (Pair(state, first, second) for state in states for second in others for first in firsts)
    yield from (pair for pair in every if not (_reads(pair.first) and _reads(pair.second)))


def _reads(operation: Operation) -> bool:
    return not operation.writes


def reads_after(pair: Pair) -> Program:
    """The reads that show what a pair has left."""
    return (*(Get(key) for key in pair.keys), ListKeys())


def seen(pair: Pair, first: Outcome, second: Outcome, reads: Sequence[Outcome]) -> Seen:
    """Outcomes as text that can be compared."""
    own = (_text(outcome, answers(operation)) for operation, outcome in ((pair.first, first), (pair.second, second)))
    return (*own, *map(_text, reads))


def answers(operation: Operation) -> bool:
    """Whether what an operation returns says something: set and move may return what they like, such as a path."""
    return isinstance(operation, RemoveKey) or not operation.writes


def _text(outcome: Outcome, answers: bool = True) -> tuple[str, str]:
    """An outcome as text: listings in order, for they may be in any; exceptions by their kind."""
    if isinstance(outcome, Raised):
        return ("raised", outcome.kind)
    if not isinstance(outcome, Returned):
        return ("ended", str(outcome))
    value = outcome.value if answers else None
    return ("returned", repr(sorted(value) if isinstance(value, list) else value))


def explained(
    harness: Harness, pair: Pair, first: Outcome, second: Outcome, reads: Sequence[Outcome], orders: tuple[Seen, Seen]
) -> bool:
    """Whether what the subject does not claim explains it: a move in two steps, a listing that is no snapshot.

    An operation that raised StoreBackendError, as for a conflict, may have been applied or not. One that raised what
    neither order raises is never explained.
    """
    claims = harness.subject.claims
    for number, outcome in enumerate((first, second)):
        usual = {order[number] for order in orders} | {("raised", "StoreBackendError")}
        if not isinstance(outcome, Returned) and _text(outcome) not in usual:
            return False
    initial = {operation.key: operation.value for operation in pair.initial if isinstance(operation, Set)}
    if harness.material.foreign:
        return pair.requirement == "LIN-3" or not claims.atomic_move  # histories are of text; accuse nobody wrongly
    after = enumerate(zip(reads_after(pair), reads, strict=True))
    records = [
        Record(0, 4, pair.first, _without_id(first)),
        Record(1, 3, pair.second, _without_id(second)),
        *(Record(5 + 2 * n, 6 + 2 * n, operation, _without_id(outcome)) for n, (operation, outcome) in after),
    ]
    judgement = judge(history_of(records), initial, atomic_move=claims.atomic_move, snapshot_list=claims.snapshot_list)
    return isinstance(judgement.verdict, Linearizable) and not judgement.listing_faults


def _without_id(outcome: Outcome) -> Outcome:
    """A listing without the id's key, which no operation of a pair has written."""
    if isinstance(outcome, Returned) and isinstance(outcome.value, list):
        return Returned([key for key in outcome.value if key != ID_KEY])
    return outcome


def applies(pair: Pair, evidence: Evidence) -> bool:
    """Whether a pair is to be judged, and the backend has the methods that it calls."""
    return evidence.wants(pair.requirement) and not (
        "add" in evidence.missing and any(isinstance(one, Add) for one in (pair.first, pair.second))
    )
