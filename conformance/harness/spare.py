"""A store emptied and used again by the next program, or directed check, where that is a name on a server.

To open one there takes a new connection, a table and an id, which is more than most programs take themselves; what is
in a directory, or in memory, is opened anew each time. A store is used again only by a program that is looked at for
findings, never by one that is to show a finding again, and only where all this holds:

1. the program before it has contradicted nothing, and has opened the store no second time; of checks, those that
   judge nothing that is new (`Case.emptied`) have passed;
2. its keys are removed, one by one, and then it lists none but the id's;
3. it has been used so by fewer than `USES` programs: what only a new store does wrong is to be seen too.
"""

import contextlib

import attrs

from conformance.harness.harness import Harness, Spare
from conformance.harness.store import Store
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import RemoveKey
from conformance.programs.outcomes import Returned
from conformance.system.budget import OutOfTimeError

USES = 10
"""How many programs use one store at most."""


def keeping(harness: Harness) -> Harness:
    """The same harness, for programs that may use a store again; `leave` it in the end."""
    return attrs.evolve(harness, spare=Spare())


def leave(harness: Harness) -> None:
    """Close the store that is kept, if there is one."""
    if harness.spare is not None and harness.spare.store is not None:
        harness.close(harness.spare.store)
        harness.spare.store = None


def taken(harness: Harness) -> Store:
    """A store that is empty but for its id: the one that is kept, or a new one.

    Raises:
        SubjectError: it cannot be opened.
    """
    spare = harness.spare
    if spare is None or spare.store is None:
        return harness.open()
    store, spare.store = spare.store, None
    spare.uses += 1
    return store


def given_back(harness: Harness, store: Store) -> None:
    """Keep a store for the next program if it can be emptied; else close it."""
    spare = harness.spare
    named = isinstance(store.place, str) and not store.place.startswith("/")
    if spare is not None and spare.store is None and named and spare.uses < USES - 1:
        with contextlib.suppress(OutOfTimeError):  # whoever performs the next operation is told so
            if _is_emptied(harness, store):
                spare.store = store
                return
    if spare is not None:
        spare.uses = 0
    harness.close(store)


def _is_emptied(harness: Harness, store: Store) -> bool:
    """Whether all keys could be removed but the id's."""
    if harness.avoids(RemoveKey.name):
        return False
    for key in harness.listing(store.backend) or ():
        if key != ID_KEY and not isinstance(harness.perform(RemoveKey(key), store.backend), Returned):
            return False
    return harness.listing(store.backend) in ([], [ID_KEY])
