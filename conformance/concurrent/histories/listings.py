"""Which listings a history forbids (LIN-3).

A listing must have every key that was stored throughout the call, and none that was missing throughout. No order is
needed to say so, only when operations began and ended. For one key, with time to the right::

    set      |=====|                          surely stored from here ...
    remove                       |=====|      ... to here at least: it may take effect at once
    listing          |=======|                so this one must have the key

A removal that had not ended when the set began may have taken effect after it, and one that begins before the listing
ends may have taken effect before that: then nothing is sure, and nothing is held against the listing. That a key was
missing throughout is the same with set and removal exchanged. An operation that ended unclearly may have been applied
at any time after its begin, or never: it ends what was sure, and makes nothing sure.

Such a fault is certain, but each key is judged by itself. A listing whose keys were never all there at one moment is
wrong only where a snapshot is claimed (`judge`).
"""

from collections.abc import Iterable, Mapping, Sequence

import attrs

from conformance.concurrent.histories.records import is_onto_itself, is_refused, listed_keys
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


@attrs.frozen
class Change:
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
    # A key that no operation names, and that was not there at first, is known to be missing: it need not be looked for.
    changes = [change for change in map(change_of, history) if change is not None]
    known = {*initial, *[key for one in changes for key in (one.stored, one.removed) if key is not None]}
    faults: list[ListingFault] = []
    for index, event in enumerate(history):
        if isinstance(event.operation, ListKeys) and isinstance(event.outcome, Raised):
            faults.append(ListingFault(index, raised=event.outcome))
        elif isinstance(event.operation, ListKeys) and isinstance(event.outcome, Returned):
            keys = set(listed_keys(event.outcome))
            lacked = {key for key in known - keys if starts_with(key, event.operation.prefix)}
            omitted = [key for key in lacked if held_throughout(event, key in initial, *_changes_of(key, changes))]
            invented = [
                key for key in keys if held_throughout(event, key not in initial, *_changes_of(key, changes)[::-1])
            ]
            if omitted or invented:
                faults.append(ListingFault(index, tuple(sorted(omitted)), tuple(sorted(invented))))
    return tuple(faults)


def change_of(event: Event) -> Change | None:
    """What an event may have changed; None if it reads, or was refused."""
    operation = event.operation
    if is_refused(event):
        return None
    if isinstance(operation, ReadId):
        # The first read creates the id (ID-1); whether this was the first is not known.
        return Change(event.begin, event.end, identity.STORE_BACKEND_ID_KEY, None, sure=False)
    stored = removed = None
    if isinstance(operation, WRITES):
        stored = operation.key
    elif isinstance(operation, RemoveKey):
        removed = operation.key
    elif isinstance(operation, Move):
        # Both at once or one after the other, both within the call: for a single key it makes no difference.
        stored, removed = operation.dest, None if is_onto_itself(operation) else operation.source
    else:
        return None
    return Change(event.begin, event.end, stored, removed, sure=event.end is not None)


def _changes_of(key: Key, changes: Iterable[Change]) -> tuple[list[Change], list[Change]]:
    """The changes that may store a key, and those that may remove it."""
    return [one for one in changes if one.stored == key], [one for one in changes if one.removed == key]


def held_throughout(listing: Event, initially: bool, made: Iterable[Change], undone: Iterable[Change]) -> bool:
    """Whether what `made` changes bring about and `undone` ones end surely held from a listing's begin to its end.

    It did if it held from the start or since a change that ended before the listing began, and every change that
    might end it was over before that change began, or began after the listing's end.
    """
    end = float("inf") if listing.end is None else listing.end
    since = [float("-inf")] if initially else []
    # A change may take effect as early as it begins. So what comes into question as its end is over before its begin.
    since += [one.begin for one in made if one.sure and one.end is not None and one.end < listing.begin]
    return bool(since) and all(one.begin > end or (one.end is not None and one.end < max(since)) for one in undone)
