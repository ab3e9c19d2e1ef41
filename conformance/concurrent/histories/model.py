"""The store as histories have it: the states that each operation may leave.

A state is what is stored, as an immutable value (`Stored`). Each operation has an effect: a function from a state and
an outcome to the states that it may leave, none if the outcome contradicts the state. An outcome of None is unknown,
and contradicts no state. Most effects are certain, and leave one state; two are not:

- The first read of the id creates it, with or without a line end, and nobody says which: two states (ID-2).
- A move that need not be atomic, and an update, are two steps each (`Part`), with other operations in between. The
  first step leaves the number of its operation in the state, and the second, which takes it out again, can come only
  where it is. Two such operations so never take each other's steps.
"""

import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from conformance.concurrent.histories.records import REFUSAL_OF, Part, listed_keys
from conformance.probes.linearizability import Event
from conformance.programs.operations import (
    Add,
    AddOrUpdate,
    Get,
    HasKey,
    ListKeys,
    Move,
    Operation,
    ReadId,
    RemoveKey,
    Set,
    Update,
)
from conformance.programs.outcomes import Outcome, Raised, Returned, same
from spec_store import identity
from spec_store.keys import Key, starts_with

Stored: TypeAlias = frozenset[tuple[Key | int, str]]
"""The state of a store: its keys with their values, which are text; and the numbers of the operations half done."""


def steps(stored: Stored, event: Event) -> tuple[Stored, ...]:
    """The states that an event may leave in a state of the store, for `search`; a listing is one of `snapshot_list`.

    Raises:
        KeyError: the operation is get_all, set_many or reopen.
    """
    outcome = None if event.end is None else event.outcome
    return _EFFECTS[type(event.operation)](stored, event.operation, outcome)


# Effects: the states that an operation may leave in a state if that comes of it, None being an unknown outcome


def _value(stored: Stored, key: Key | int) -> str | None:
    for one, value in stored:
        if one == key:
            return value
    return None


def _without(stored: Stored, key: Key | int) -> Stored:
    return frozenset([pair for pair in stored if pair[0] != key])


def _with(stored: Stored, key: Key | int, value: str) -> Stored:
    return frozenset([(key, value), *[pair for pair in stored if pair[0] != key]])


def _returned(outcome: Outcome | None) -> bool:
    return outcome is None or isinstance(outcome, Returned)


def _refused(stored: Stored, operation: Operation, outcome: Outcome | None) -> tuple[Stored, ...]:
    """What is left by an operation that must be refused."""
    fits = outcome is None or (isinstance(outcome, Raised) and outcome.kind == REFUSAL_OF[type(operation)])
    return (stored,) if fits else ()


def _get(stored: Stored, operation: Get, outcome: Outcome | None) -> tuple[Stored, ...]:
    value = _value(stored, operation.key)
    if value is None:
        return _refused(stored, operation, outcome)
    return (stored,) if outcome is None or (isinstance(outcome, Returned) and same(value, outcome.value)) else ()


def _has_key(stored: Stored, operation: HasKey, outcome: Outcome | None) -> tuple[Stored, ...]:
    there = _value(stored, operation.key) is not None
    return (stored,) if outcome is None or (isinstance(outcome, Returned) and bool(outcome.value) is there) else ()


def _list_keys(stored: Stored, operation: ListKeys, outcome: Outcome | None) -> tuple[Stored, ...]:
    if outcome is None:
        return (stored,)
    keys = listed_keys(outcome) if isinstance(outcome, Returned) else None
    there = [key for key, _ in stored if isinstance(key, tuple) and starts_with(key, operation.prefix)]
    return (stored,) if keys is not None and len(keys) == len(there) and set(there) == set(keys) else ()


def _remove_key(stored: Stored, operation: RemoveKey, outcome: Outcome | None) -> tuple[Stored, ...]:
    if not _returned(outcome):
        return ()
    there = _value(stored, operation.key) is not None
    if isinstance(outcome, Returned) and isinstance(outcome.value, bool) and outcome.value is not there:
        return ()  # REMOVE-4 is a SHOULD, so only a bool says anything
    return (_without(stored, operation.key),)


def _set(stored: Stored, operation: Set | AddOrUpdate, outcome: Outcome | None) -> tuple[Stored, ...]:
    return (_with(stored, operation.key, operation.value),) if _returned(outcome) else ()


def _add(stored: Stored, operation: Add | Update, outcome: Outcome | None) -> tuple[Stored, ...]:
    there = _value(stored, operation.key) is not None
    if there is isinstance(operation, Add):  # an add is refused where the key is stored, an update where it is not
        return _refused(stored, operation, outcome)
    return (_with(stored, operation.key, operation.value),) if _returned(outcome) else ()


def _move(stored: Stored, operation: Move, outcome: Outcome | None) -> tuple[Stored, ...]:
    value = _value(stored, operation.source)
    if value is None:
        return _refused(stored, operation, outcome)
    return (_with(_without(stored, operation.source), operation.dest, value),) if _returned(outcome) else ()


def _part(stored: Stored, part: Part, outcome: Outcome | None) -> tuple[Stored, ...]:
    """A step that is taken leaves the operation's number in the state, for the next to find."""
    operation = part.operation
    if part.last:
        if _value(stored, part.number) is None:
            return ()
        rest = _without(stored, part.number)
        if isinstance(operation, Move):
            return (_without(rest, operation.source),)
        return (_with(rest, operation.key, operation.value),)
    value = _value(stored, operation.source if isinstance(operation, Move) else operation.key)
    if value is None:
        return ()
    # The mark of the first step lets the second come once, at any time later, and never before it.
    begun = _with(stored, part.number, "")
    return (_with(begun, operation.dest, value) if isinstance(operation, Move) else begun,)


def _read_id(stored: Stored, operation: ReadId, outcome: Outcome | None) -> tuple[Stored, ...]:
    """The first read creates the id (ID-1), as text with or without a line end (ID-2)."""
    if not isinstance(outcome, Returned):
        return ()
    text = _value(stored, identity.STORE_BACKEND_ID_KEY)
    if outcome.value is None:  # it is suppressed (ID-6)
        return (stored,)
    if text is not None:
        return (stored,) if outcome.value == _id_in(text) else ()
    if not isinstance(outcome.value, uuid.UUID) or outcome.value == _id_in(""):
        return ()
    # With a line end or without: ID-2 permits both, and what is read later tells which it was.
    created = f"{identity.STORE_BACKEND_ID_PREFIX}{outcome.value}"
    return tuple(_with(stored, identity.STORE_BACKEND_ID_KEY, created + end) for end in ("\n", ""))


def _id_in(text: str) -> uuid.UUID:
    try:
        return identity.parse_id_text(text)
    except ValueError:
        return uuid.UUID(identity.STORE_BACKEND_INVALID_CONFIGURATION_ID)  # ID-7


_EFFECTS: Mapping[type, Callable[[Stored, Any, Outcome | None], tuple[Stored, ...]]] = {
    Get: _get,
    HasKey: _has_key,
    ListKeys: _list_keys,
    RemoveKey: _remove_key,
    Set: _set,
    AddOrUpdate: _set,
    Add: _add,
    Update: _add,
    Move: _move,
    Part: _part,
    ReadId: _read_id,
}
