"""Concurrent histories of a store: what each operation may do and answer, and whether an order explains them all."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from conformance.probes.linearizability import BUDGET, Event, Verdict, search
from conformance.programs.operations import (
    WRITES,
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

REFUSALS: Mapping[type, str] = {
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


@attrs.frozen
class ListingFault:
    """A listing that LIN-3 forbids.

    Args:
        index: the listing's index in the history.
        omitted: keys that were stored throughout the call, and which it lacks; sorted.
        invented: keys that were missing throughout the call, and which it has; sorted.
        raised: what it raised instead, if it did.
    """

    index: int
    omitted: tuple[Key, ...] = ()
    invented: tuple[Key, ...] = ()
    raised: Raised | None = None


@attrs.frozen
class Judgement:
    """What is to be said of a history.

    Args:
        events: what the search was to explain; the indices in `verdict` are indices in it.
        verdict: whether an order explains them (LIN-1, LIN-2, LIN-4; with `snapshot_list`, LIN-3).
        listing_faults: the listings that LIN-3 forbids; their indices are indices in the history.
        unclear: the indices in the history of the operations that hung or raised what no state of the store
            explains. The search takes them as maybe applied; whether they are faults is for the caller to say.
    """

    events: tuple[Event, ...]
    verdict: Verdict
    listing_faults: tuple[ListingFault, ...]
    unclear: tuple[int, ...]


def history_of(records: Iterable[Record]) -> tuple[Event, ...]:
    """The events of some records, in their order.

    One that hung, was cut off, or raised anything but its refusal (`REFUSALS`) may have been applied, then or later,
    or not: its event has no end.
    """
    return tuple(Event(one.begin, one.end if _is_clear(one) else None, one.operation, one.outcome) for one in records)


def _is_clear(record: Record) -> bool:
    if isinstance(record.outcome, Raised):
        return record.outcome.kind == REFUSALS.get(type(record.operation))
    return isinstance(record.outcome, Returned)


def judge(
    history: Sequence[Event],
    initial: Mapping[Key, str],
    *,
    atomic_move: bool = True,
    snapshot_list: bool = False,
    budget: int = BUDGET,
) -> Judgement:
    """Judge what came of concurrent operations on one store (LIN-1, LIN-2, LIN-3, LIN-4; and so ADD-2 and ID-9).

    Args:
        history: as `history_of` makes it.
        initial: what was stored before all of it, the id included.
        atomic_move: whether the backend claims to move in one step. If not, a move may be seen half done, the value
            at both keys; but never at neither.
        snapshot_list: whether it claims that list_keys is linearizable too. If not, listings are judged by LIN-3.
        budget: how many nodes the search may visit.

    Raises:
        KeyError: an operation is get_all, set_many or reopen.
    """
    events = to_explain(history, atomic_move=atomic_move, snapshot_list=snapshot_list)
    stored: Stored = frozenset(initial.items())
    return Judgement(
        events,
        search(events, stored, steps, budget, is_reading=_is_reading),
        listing_faults(history, initial),
        tuple(index for index, event in enumerate(history) if event.end is None),
    )


def to_explain(history: Sequence[Event], *, atomic_move: bool, snapshot_list: bool) -> tuple[Event, ...]:
    """The events for the search: without listings but for `snapshot_list`, and in steps where one is not demanded.

    An update is two steps always, a look and a set: LIN-1 does not name it.
    """
    events: list[Event] = []
    for number, event in enumerate(history):
        operation = event.operation
        in_steps = isinstance(operation, Update) or (isinstance(operation, Move) and not atomic_move)
        if in_steps and not _is_refused(event) and not _is_onto_itself(operation):
            events += [attrs.evolve(event, operation=Part(operation, number, last)) for last in (False, True)]
        elif snapshot_list or not isinstance(operation, ListKeys):
            events.append(event)
    return tuple(events)


def _is_refused(event: Event) -> bool:
    return event.end is not None and isinstance(event.outcome, Raised)


def _is_reading(event: Event) -> bool:
    return isinstance(event.operation, Get | HasKey | ListKeys) or _is_refused(event)


def _is_onto_itself(operation: Operation) -> bool:
    return isinstance(operation, Move) and operation.source == operation.dest


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
    fits = outcome is None or (isinstance(outcome, Raised) and outcome.kind == REFUSALS[type(operation)])
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
    listed = _listed(outcome) if isinstance(outcome, Returned) else None
    there = [key for key, _ in stored if isinstance(key, tuple) and starts_with(key, operation.prefix)]
    return (stored,) if listed is not None and len(listed) == len(there) and set(there) == set(listed) else ()


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
    if there is isinstance(operation, Add):
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


# Listings


@attrs.frozen
class _Change:
    """What an operation may have done to keys; `sure` if it did, between `begin` and `end`."""

    begin: int
    end: int | None
    stored: Key | None
    removed: Key | None
    sure: bool


def listing_faults(history: Sequence[Event], initial: Mapping[Key, str]) -> tuple[ListingFault, ...]:
    """The listings that raised, lack a key stored throughout the call, or have one missing throughout (LIN-3).

    It is judged by when operations began and ended alone, and only what is certain is held against a listing.

    Args:
        history: as `history_of` makes it.
        initial: what was stored before all of it.
    """
    changes = [change for change in map(_change, history) if change is not None]
    known = {*initial, *[key for one in changes for key in (one.stored, one.removed) if key is not None]}
    faults: list[ListingFault] = []
    for index, event in enumerate(history):
        if isinstance(event.operation, ListKeys) and isinstance(event.outcome, Raised):
            faults.append(ListingFault(index, raised=event.outcome))
        elif isinstance(event.operation, ListKeys) and isinstance(event.outcome, Returned):
            listed = set(_listed(event.outcome))
            lacked = {key for key in known - listed if starts_with(key, event.operation.prefix)}
            omitted = [key for key in lacked if _throughout(event, key in initial, *_turns(key, changes))]
            invented = [key for key in listed if _throughout(event, key not in initial, *_turns(key, changes)[::-1])]
            if omitted or invented:
                faults.append(ListingFault(index, tuple(sorted(omitted)), tuple(sorted(invented))))
    return tuple(faults)


def _listed(outcome: Returned) -> tuple[Key, ...]:
    """The keys in what a listing returned; what cannot be a key is left out (LIST-1 is not judged here)."""
    listed = outcome.value if isinstance(outcome.value, list | tuple | set | frozenset) else ()
    return tuple([key for key in listed if isinstance(key, tuple) and all(isinstance(one, str) for one in key)])


def _change(event: Event) -> _Change | None:
    """What an event may have changed; None if it reads, or was refused."""
    operation = event.operation
    if _is_refused(event):
        return None
    if isinstance(operation, ReadId):
        return _Change(event.begin, event.end, identity.STORE_BACKEND_ID_KEY, None, sure=False)
    stored = removed = None
    if isinstance(operation, WRITES):
        stored = operation.key
    elif isinstance(operation, RemoveKey):
        removed = operation.key
    elif isinstance(operation, Move):
        stored, removed = operation.dest, None if _is_onto_itself(operation) else operation.source
    else:
        return None
    return _Change(event.begin, event.end, stored, removed, sure=event.end is not None)


def _turns(key: Key, changes: Iterable[_Change]) -> tuple[list[_Change], list[_Change]]:
    """The changes that may store a key, and those that may remove it."""
    return [one for one in changes if one.stored == key], [one for one in changes if one.removed == key]


def _throughout(listing: Event, initially: bool, made: Iterable[_Change], undone: Iterable[_Change]) -> bool:
    """Whether what `made` changes bring about and `undone` ones end surely held from a listing's begin to its end.

    It did if it held from the start or since a change that ended before the listing began, and every change that
    might end it was over before that change began, or began after the listing's end.
    """
    end = float("inf") if listing.end is None else listing.end
    since = [float("-inf")] if initially else []
    since += [one.begin for one in made if one.sure and one.end is not None and one.end < listing.begin]
    return bool(since) and all(one.begin > end or (one.end is not None and one.end < max(since)) for one in undone)
