"""Which listings a history forbids (LIN-3)."""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from conformance.concurrent.histories.records import _listed, is_onto_itself, is_refused
from conformance.probes.linearizability import Event
from conformance.programs.operations import WRITES, ListKeys, Move, ReadId, RemoveKey
from conformance.programs.outcomes import Raised, Returned
from spec_store import identity
from spec_store.keys import Key, starts_with


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


def _change(event: Event) -> _Change | None:
    """What an event may have changed; None if it reads, or was refused."""
    operation = event.operation
    if is_refused(event):
        return None
    if isinstance(operation, ReadId):
        return _Change(event.begin, event.end, identity.STORE_BACKEND_ID_KEY, None, sure=False)
    stored = removed = None
    if isinstance(operation, WRITES):
        stored = operation.key
    elif isinstance(operation, RemoveKey):
        removed = operation.key
    elif isinstance(operation, Move):
        stored, removed = operation.dest, None if is_onto_itself(operation) else operation.source
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
