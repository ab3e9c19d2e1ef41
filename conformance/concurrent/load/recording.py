"""What was seen of one operation, as histories have it; and as a message from one process to another."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from conformance.concurrent.histories.records import Record
from conformance.harness.performing import perform
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import WRITES, Get, HasKey, ListKeys, Operation, RemoveKey
from conformance.programs.outcomes import Outcome, Raised, Returned, decode_outcome, encode_outcome


def recorded(
    operation: Operation, backend: object, performing: Callable[[Operation, Any], Outcome] = perform
) -> Record:
    """Perform an operation and give what was seen of it, the times by `time.monotonic_ns`."""
    begin = time.monotonic_ns()
    outcome = performing(operation, backend)
    end = time.monotonic_ns()
    return Record(begin, end, as_text(operation), plain(operation, outcome))


def as_text(operation: Operation) -> Operation:
    """An operation as histories have it: a value that is no text is its repr."""
    if isinstance(operation, WRITES) and not isinstance(operation.value, str):
        return attrs.evolve(operation, value=repr(operation.value))
    return operation


def plain(operation: Operation, outcome: Outcome) -> Outcome:
    """An outcome as histories have it: values as text, listings without the id's key, no answer that says nothing."""
    if not isinstance(outcome, Returned):
        return Raised(outcome.kind, outcome.text) if isinstance(outcome, Raised) else outcome
    value = outcome.value
    if isinstance(operation, Get):
        return Returned(str(value) if isinstance(value, str) else repr(value))
    if isinstance(operation, HasKey):
        return Returned(bool(value))
    if isinstance(operation, ListKeys):
        return Returned([key for key in value if key != ID_KEY] if isinstance(value, list) else [])
    return Returned(value if isinstance(operation, RemoveKey) and isinstance(value, bool) else None)


def sent(records: Sequence[Record]) -> bytes:
    """What was seen of operations, as a message: a line for each. Which operations they were, the receiver knows."""
    lines = (f"{record.begin} {record.end} {encode_outcome(record.outcome)}" for record in records if record.outcome)
    return "\n".join(lines).encode()


def received(message: bytes, program: Sequence[Operation]) -> list[Record]:
    """What was seen of the operations of a program, from the message that says it.

    Raises:
        ValueError: the message is of more operations, or of fewer.
    """
    records = []
    for operation, line in zip(program, message.decode().splitlines(), strict=True):
        begin, end, outcome = line.split(" ", 2)
        records.append(Record(int(begin), int(end), as_text(operation), decode_outcome(outcome)))
    return records
