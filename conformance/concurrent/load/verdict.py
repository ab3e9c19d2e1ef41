"""What is to be said of a history under load: the requirement that it violates, and what of it cannot be explained."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import attrs

from conformance.concurrent.histories.judge import judge
from conformance.concurrent.histories.records import REFUSALS, Record, history_of
from conformance.concurrent.load.rounds import Seen
from conformance.probes.linearizability import Linearizable, NotLinearizable, Undecided
from conformance.programs.operations import Add, ListKeys, Move, RemoveKey
from conformance.programs.outcomes import Raised, Returned
from conformance.subject.subject import Claims
from spec_store.requirements import RequirementId, for_processes

NODES = 20_000
"""How many nodes the search for an order may visit."""

EXPLAINED: Final = "explained"
UNDECIDED: Final = "undecided"


def verdict(seen: Sequence[Seen], claims: Claims, who: str) -> RequirementId | Literal["explained", "undecided"]:
    """The id of the requirement that a history violates; `EXPLAINED` or `UNDECIDED` where there is none.

    Listings are to blame (LIN-3) if all else can be explained; adds (ADD-2), if two of one key at once succeeded and
    nothing removed it; writes that get lost (LIN-4), if no key was named by more than one side. All else is LIN-1 or
    LIN-2.

    Args:
        seen: the history of one new, empty store.
        claims: what its backend claims.
        who: what ran it: a "thread" or a "process".
    """
    came = explained([one.record for one in seen], claims)
    if came is not False:
        return EXPLAINED if came else UNDECIDED
    others = [one for one in seen if not isinstance(one.record.operation, ListKeys)]
    if explained([one.record for one in others], claims):
        return "LIN-3"
    if _added_twice([one.record for one in others]):
        return "ADD-2"
    lost = _apart(others) and not any(odd(one.record) for one in others)
    return "LIN-4" if lost else general(who)


def general(who: str) -> RequirementId:
    """The id of the requirement of all operations, of a "thread" or of a "process"."""
    return for_processes("LIN-1") if who == "process" else "LIN-1"


def explained(records: Sequence[Record], claims: Claims) -> bool | None:
    """Whether an order explains a history of a new, empty store; None if that is not known.

    An operation that raised StoreBackendError, as for a conflict, may have been applied or not. One that raised
    anything else but its refusal is never explained.
    """
    if any(map(odd, records)):
        return False
    came = judge(
        history_of(records),
        {},
        atomic_move=claims.atomic_move,
        snapshot_list=claims.snapshot_list,
        budget=NODES,
    )
    if came.listing_faults or isinstance(came.verdict, NotLinearizable):
        return False
    return None if isinstance(came.verdict, Undecided) else isinstance(came.verdict, Linearizable)


def odd(record: Record) -> bool:
    """Whether an operation raised what no state of the store makes it raise."""
    usual = (REFUSALS.get(type(record.operation)), "StoreBackendError")
    return isinstance(record.outcome, Raised) and record.outcome.kind not in usual


def first_unexplained(seen: Iterable[Seen], claims: Claims) -> Seen | None:
    """The operation that ends first of those that no order of it and what had begun before its end explains."""
    every = sorted((one for one in seen if one.record.end is not None), key=_end)
    for one in every:
        if explained(_until([other.record for other in every], _end(one)), claims) is False:
            return one
    return None


def _end(one: Seen) -> int:
    return one.record.begin if one.record.end is None else one.record.end


def _until(records: Iterable[Record], moment: int) -> list[Record]:
    """What was known of a history at a moment."""
    begun = [record for record in records if record.begin <= moment]
    return [
        record if record.end is not None and record.end <= moment else attrs.evolve(record, end=None, outcome=None)
        for record in begun
    ]


def _added_twice(records: Sequence[Record]) -> bool:
    """Whether two adds of one key that overlapped both succeeded, and nothing can have removed it between them."""
    adds = [one for one in records if isinstance(one.operation, Add) and isinstance(one.outcome, Returned)]
    for number, first in enumerate(adds):
        for second in adds[:number]:
            if first.operation.keys == second.operation.keys and _overlap(first, second):
                start, end = min(first.begin, second.begin), max(_last(first), _last(second))
                if not any(
                    _removes(one, first.operation.keys[0]) and one.begin <= end and _last(one) >= start
                    for one in records
                ):
                    return True
    return False


def _last(record: Record) -> float:
    return float("inf") if record.end is None else record.end


def _overlap(first: Record, second: Record) -> bool:
    return first.begin <= _last(second) and second.begin <= _last(first)


def _removes(record: Record, key: object) -> bool:
    operation = record.operation
    return (isinstance(operation, RemoveKey) and operation.key == key) or (
        isinstance(operation, Move) and operation.source == key
    )


def _apart(seen: Iterable[Seen]) -> bool:
    """Whether no key was named by more than one of several sides."""
    sides: dict[object, set[int]] = {}
    for one in seen:
        for key in one.record.operation.keys if one.side else ():
            sides.setdefault(key, set()).add(one.side)
    return len(set().union(*sides.values())) > 1 and all(len(named) == 1 for named in sides.values())
