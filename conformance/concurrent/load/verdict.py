"""What is to be said of a history under load: the requirement that it violates, and what of it cannot be explained.

A history of random operations that no order explains violates LIN-1, or LIN-2 of processes. Often it says more, namely
which part of the store is at fault. So the requirement is chosen from the narrowest to the widest, by what would have
to be different for an order to explain the history:

1. nothing but the listings                                             LIN-3
2. one of two adds of one key that overlapped and both succeeded        ADD-2
3. a write, although no key was named by more than one client           LIN-4
4. all else                                                             LIN-1, or LIN-2 of processes
"""

import enum
from collections.abc import Iterable, Sequence
from typing import Final, Literal, TypeAlias

import attrs

from conformance.concurrent.histories.judge import judge
from conformance.concurrent.histories.records import REFUSAL_OF, Record, history_of
from conformance.concurrent.load.rounds import Seen
from conformance.probes.linearizability import NotLinearizable, Undecided
from conformance.programs.operations import Add, ListKeys, Move, RemoveKey
from conformance.programs.outcomes import Raised, Returned
from conformance.subject.subject import Claims
from spec_store import Key
from spec_store.requirements import RequirementId, for_processes

NODES = 20_000
"""How many nodes the search for an order may visit."""


class Explanation(enum.Enum):
    """Whether an order of the operations of a history explains all that came of them."""

    EXPLAINED = "explained"
    UNDECIDED = "undecided"
    UNEXPLAINED = "unexplained"


EXPLAINED: Final = Explanation.EXPLAINED
UNDECIDED: Final = Explanation.UNDECIDED
UNEXPLAINED: Final = Explanation.UNEXPLAINED

LoadVerdict: TypeAlias = RequirementId | Literal[Explanation.EXPLAINED, Explanation.UNDECIDED]
"""The id of the requirement that a history violates, or why it violates none."""


def verdict(seen: Sequence[Seen], claims: Claims, who: str) -> LoadVerdict:
    """The id of the requirement that a history violates; `EXPLAINED` or `UNDECIDED` where there is none.

    Args:
        seen: the history of one new, empty store.
        claims: what its backend claims.
        who: what ran it: a "thread" or a "process".
    """
    explanation = explanation_of([one.record for one in seen], claims)
    if explanation is not UNEXPLAINED:
        return explanation
    others = [one for one in seen if not isinstance(one.record.operation, ListKeys)]
    # If it is not known whether the others can be explained, it is not known that the listings are to blame.
    if explanation_of([one.record for one in others], claims) is EXPLAINED:
        return "LIN-3"
    if added_twice([one.record for one in others]):
        return "ADD-2"
    # An operation that raised what it never may is wrong whatever other clients do, and so says nothing of lost writes.
    lost = _are_apart(others) and not any(is_odd(one.record) for one in others)
    return "LIN-4" if lost else general(who)


def general(who: str) -> RequirementId:
    """The id of the requirement of all operations, of a "thread" or of a "process"."""
    return for_processes("LIN-1") if who == "process" else "LIN-1"


def explanation_of(records: Sequence[Record], claims: Claims) -> Explanation:
    """Whether an order explains a history of a new, empty store.

    An operation that raised StoreBackendError, as for a conflict, may have been applied or not. One that raised
    anything else but its refusal is never explained.
    """
    if any(map(is_odd, records)):
        return UNEXPLAINED
    judgement = judge(
        history_of(records),
        {},
        atomic_move=claims.atomic_move,
        snapshot_list=claims.snapshot_list,
        budget=NODES,
    )
    # Listings first: what is wrong with them is certain even where the search for an order of the others gave up.
    if judgement.listing_faults or isinstance(judgement.verdict, NotLinearizable):
        return UNEXPLAINED
    return UNDECIDED if isinstance(judgement.verdict, Undecided) else EXPLAINED


def is_odd(record: Record) -> bool:
    """Whether an operation raised what no state of the store makes it raise."""
    usual = (REFUSAL_OF.get(type(record.operation)), "StoreBackendError")
    return isinstance(record.outcome, Raised) and record.outcome.kind not in usual


# What of it cannot be explained


def first_unexplained(seen: Iterable[Seen], claims: Claims) -> Seen | None:
    """The operation that ends first of those that no order of it and what had begun before its end explains.

    A history that can be explained can be up to any moment. So what was known at the end of one operation after
    another is judged, and the first that cannot be explained is where it went wrong at the latest.
    """
    every = sorted((one for one in seen if one.record.end is not None), key=_end)
    for one in every:
        if explanation_of(_until([other.record for other in every], _end(one)), claims) is UNEXPLAINED:
            return one
    return None


def _end(one: Seen) -> int:
    return one.record.begin if one.record.end is None else one.record.end


def _until(records: Iterable[Record], moment: int) -> list[Record]:
    """What was known of a history at a moment: what had not ended may have been applied or not."""
    begun = [record for record in records if record.begin <= moment]
    return [
        record if record.end is not None and record.end <= moment else attrs.evolve(record, end=None, outcome=None)
        for record in begun
    ]


# Whose fault it is


def added_twice(records: Sequence[Record]) -> bool:
    """Whether two adds of one key that overlapped both succeeded, and nothing can have removed it between them."""
    adds = [one for one in records if isinstance(one.operation, Add) and isinstance(one.outcome, Returned)]
    for number, first in enumerate(adds):
        for second in adds[:number]:
            # Two that did not overlap are no matter of concurrency: the second should have seen what the first left.
            if first.operation.keys == second.operation.keys and _overlap(first, second):
                start, end = min(first.begin, second.begin), max(_last(first), _last(second))
                # A removal need only overlap the time of both to have come between them, in some order.
                if not any(
                    _removes(record, first.operation.keys[0]) and record.begin <= end and _last(record) >= start
                    for record in records
                ):
                    return True
    return False


def _last(record: Record) -> float:
    return float("inf") if record.end is None else record.end


def _overlap(first: Record, second: Record) -> bool:
    return first.begin <= _last(second) and second.begin <= _last(first)


def _removes(record: Record, key: Key) -> bool:
    operation = record.operation
    return (isinstance(operation, RemoveKey) and operation.key == key) or (
        isinstance(operation, Move) and operation.source == key
    )


def _are_apart(seen: Iterable[Seen]) -> bool:
    """Whether no key was named by more than one of several clients.

    Of one client alone nothing is known of how it bears others; what was done before and after is of none.
    """
    clients: dict[Key, set[int]] = {}
    for one in seen:
        for key in one.record.operation.keys if one.client else ():
            clients.setdefault(key, set()).add(one.client)
    return len(set().union(*clients.values())) > 1 and all(len(naming) == 1 for naming in clients.values())
