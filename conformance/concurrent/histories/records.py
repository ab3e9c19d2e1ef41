"""What was seen of operations at once: records, and the events of a history that is judged.

An operation takes effect at one moment between its call and its end, and a history says of each operation when both
were and what came of it. Three endings are told apart:

- It returned, or it raised its refusal (`REFUSAL_OF`), by which it says that it found its key missing, or stored. It
  took effect before its end, and its outcome says something of the state then.
- It raised anything else, hung, or was cut off. It may have taken effect, at any time after its call, later than its
  end too, or never: its event has no end, and says nothing of any state.
- It is still running: the same.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

import attrs

from conformance.probes.linearizability import Event
from conformance.programs.operations import Add, Get, Move, Operation, Update
from conformance.programs.outcomes import Outcome, Raised, Returned
from spec_store.keys import Key

Who: TypeAlias = Literal["thread", "process"]
"""What runs operations at once: each is one of several threads, or of several processes."""

REFUSAL_OF: Mapping[type, str] = {
    Get: "InvalidKeyError",
    Move: "InvalidKeyError",
    Add: "StoreBackendError",
    Update: "StoreBackendError",
}
"""The kind of error that says of an operation that it found its key missing, or stored, and changed nothing."""


@attrs.frozen
class Record:
    """What was seen of one operation.

    Args:
        begin: when it was called, on a clock of any unit that all records share.
        end: when it ended; None if it was not seen to end.
        operation: any but get_all, set_many and reopen. Values are `str`.
        outcome: what came of it; None if it was not seen to end.
    """

    begin: int
    end: int | None
    operation: Operation
    outcome: Outcome | None


@attrs.frozen
class Part:
    """One of the two steps of an operation that need not be done in one.

    Args:
        operation: a move, whose steps are the copy and the removal of the source; or an update, whose steps are the
            look whether the key is stored and the writing.
        number: the index of the operation in its history.
        last: whether it is the second step, which comes at any time after the first.
    """

    operation: Move | Update
    number: int
    last: bool


def history_of(records: Iterable[Record]) -> tuple[Event, ...]:
    """The events of some records, in their order.

    One that hung, was cut off, or raised anything but its refusal (`REFUSAL_OF`) may have been applied, then or later,
    or not: its event has no end.
    """
    return tuple(Event(one.begin, one.end if _is_clear(one) else None, one.operation, one.outcome) for one in records)


def _is_clear(record: Record) -> bool:
    if isinstance(record.outcome, Raised):
        return record.outcome.kind == REFUSAL_OF.get(type(record.operation))
    return isinstance(record.outcome, Returned)


def is_refused(event: Event) -> bool:
    """Whether an operation was refused, and so changed nothing: it raised, and that is clear."""
    return event.end is not None and isinstance(event.outcome, Raised)


def is_onto_itself(operation: Operation) -> bool:
    """Whether an operation is a move of a key to the same key, which changes nothing (MOVE-3)."""
    return isinstance(operation, Move) and operation.source == operation.dest


def listed_keys(outcome: Returned) -> tuple[Key, ...]:
    """The keys in what a listing returned; what cannot be a key is left out (LIST-1 is not judged here)."""
    value = outcome.value if isinstance(outcome.value, list | tuple | set | frozenset) else ()
    return tuple([key for key in value if isinstance(key, tuple) and all(isinstance(one, str) for one in key)])
