"""What the specification demands of one operation, given the state of the reference; pure functions.

The reference is an InMemoryStoreBackend that has gone through the same operations as the subject. Of each operation it
says what may come of it (`expectation`), and by which requirement its outcome is judged (`requirement_for`). The laws
(`spec_store.catalogue.laws`) say the same without a reference, and each stands beside what it demands:

    operation           of a key that is ...  may ...                 by        law
    ------------------  --------------------  ----------------------  --------  ----------------------------------
    get                 stored                give its value          GET-1     set-get
    get                 missing               raise InvalidKeyError   GET-2     remove-get
    has_key             either                tell whether it is      HAS-1     has-get
    list_keys()         -                     list what is stored     LIST-1    list-get
    list_keys(prefix)   -                     list what starts so     LIST-2    list-prefix; LIST-3 if nothing does
    remove_key          missing               return                  REMOVE-3  remove-remove
    move                missing               raise InvalidKeyError   MOVE-4    move-missing
    add                 stored                raise StoreBackendError ADD-1     set-add
    update              missing               raise StoreBackendError UPDATE-1  remove-update
    get_all             -                     give all but the id's   ALL-1     get-all
    the id              -                     give the same           ID-1      id-id
    any other write     either                return                  as below

REMOVE-4 (remove-returns) is a session's to judge, for remove_key may return anything for all that REMOVE-1 says.

A wrong state is no outcome: it is seen later, by a read that tells it truly. It is put to the requirement of the
operation that has decided it, its provenance (`requirement_by_provenance`):

    after           the key is ...      and wrong is ...   requirement                    law
    --------------  ------------------  -----------------  -----------------------------  ------------------------
    set             its own             value, or shared   GET-1                          set-get
    set             its own             anything else      SET-1                          set-set, remove-set
    set             another             anything           SET-2                          set-commutes, set-other
    set, refused    any                 anything           KEY-5
    set of many     any                 anything           SET-2, until more is tried     set-commutes
    add             any                 anything           ADD-1                          remove-add, set-add
    update          any                 anything           UPDATE-1                       set-update, remove-update
    add_or_update   any                 anything           UPSERT-1                       upsert-set
    remove          its own             anything           REMOVE-1                       set-remove
    remove          its own, absent     anything           REMOVE-3                       remove-remove
    remove          another             anything           REMOVE-2                       remove-commutes, remove-other
    move            source and dest     anything           MOVE-3                         move-self
    move            dest                anything           MOVE-1; MOVE-2 if dest stored  set-move, move-move
    move            source              anything           MOVE-1                         set-move
    move            another             anything           MOVE-5                         move-commutes, move-other
    move, refused   any                 anything           MOVE-4                         move-missing
    reopen          any                 anything           REOPEN-1                       write-reopen
    switch          any                 anything           REOPEN-2
    a read          any                 anything           GET-3                          read-nothing
    any of these    the id's            anything           ID-10                          write-id
    reopen, switch  the id's            anything           ID-8                           reopen-id

Example: `Set(("a",), "1")`, `Move(("a",), ("b",))`, and then ("b",) is not there. The move has decided the state of
("b",), which was absent before: MOVE-1. Had ("b",) been stored before, it would have been to replace it: MOVE-2.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from conformance.programs.keys import ID_KEY, related
from conformance.programs.operations import (
    OPENS,
    Add,
    AddOrUpdate,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Operation,
    ReadId,
    RemoveKey,
    Reopen,
    Set,
    SetMany,
    Switch,
    Update,
)
from conformance.programs.outcomes import Outcome, Returned, told
from conformance.sequential.expectations import MISSING, REFUSED, Anything, Bag, Exactly, Expectation, Lists
from conformance.sequential.findings import Symptom
from spec_store import InMemoryStoreBackend, Key
from spec_store.requirements import RequirementId

MOST_OMITTED = 8
"""How many keys are read whose values a `get_all` has left out, to see whether `get` knows better."""


def expectation(operation: Operation, reference: InMemoryStoreBackend) -> Expectation:
    """What may come of an operation whose keys and values the subject can store."""
    match operation:
        case Get(key=key):
            return Exactly(reference.get(key)) if reference.has_key(key) else MISSING
        case HasKey(key=key):
            return Exactly(reference.has_key(key))
        case ListKeys(prefix=prefix):
            return Lists(frozenset(reference.list_keys(prefix)))
        case Move(source=source):
            return Anything() if reference.has_key(source) else MISSING
        case Add(key=key):
            return REFUSED if reference.has_key(key) else Anything()
        case Update(key=key):
            return Anything() if reference.has_key(key) else REFUSED
        case GetAll():
            # Of the id alone get_all says nothing: it is no value that anybody has stored.
            return Bag(tuple(reference.get(key) for key in reference.list_keys() if key != ID_KEY))
    return Anything()


def requirement_for(operation: Operation, reference: InMemoryStoreBackend) -> RequirementId:
    """The id of the requirement that an operation's own outcome is judged by."""
    match operation:
        case Get(key=key):
            return "GET-1" if reference.has_key(key) else "GET-2"
        case ListKeys(prefix=prefix):
            return listing_requirement(prefix, bool(reference.list_keys(prefix)))
        case RemoveKey(key=key):
            return "REMOVE-1" if reference.has_key(key) else "REMOVE-3"
        case Move(source=source, dest=dest):
            # A source that is absent is refused whatever dest is; and of equal keys, dest is not replaced.
            if not reference.has_key(source):
                return "MOVE-4"
            return "MOVE-3" if source == dest else "MOVE-2" if reference.has_key(dest) else "MOVE-1"
    return _OF_OPERATIONS[type(operation)]


_OF_OPERATIONS: Mapping[type[Any], RequirementId] = {
    HasKey: "HAS-1",
    Set: "SET-1",
    SetMany: "SET-1",
    Add: "ADD-1",
    Update: "UPDATE-1",
    AddOrUpdate: "UPSERT-1",
    GetAll: "ALL-1",
    ReadId: "ID-1",
}


def requirement_of_opening(operation: Reopen | Switch) -> RequirementId:
    """The requirement by which a place must open again, or a second time."""
    return "REOPEN-1" if isinstance(operation, Reopen) else "REOPEN-2"


def listing_requirement(prefix: Key, matches: bool) -> RequirementId:
    """The requirement that a listing is judged by."""
    if not prefix:
        return "LIST-1"
    return "LIST-2" if matches else "LIST-3"


def requirement_by_provenance(
    cause: Operation, key: Key, symptom: Symptom, *, was_refused: bool, was_stored: bool
) -> RequirementId:
    """The requirement that is violated where the state of `key` is wrong after `cause`.

    Args:
        cause: the operation after which the state is wrong.
        key: the key whose state is wrong.
        symptom: how it is wrong.
        was_refused: whether the operation raised, and was right to.
        was_stored: whether the key that the operation writes to was stored before.
    """
    # The id is the subject's own, and no operation but one on its key may touch it: that comes before what this is.
    if key == ID_KEY and key not in cause.keys:
        return "ID-8" if isinstance(cause, OPENS) else "ID-10"
    match cause:
        case Set():
            # A set that raised has changed nothing, of whatever key: KEY-5 says so.
            if was_refused:
                return "KEY-5"
            return requirement_of_set(key in cause.keys, symptom)
        case SetMany():
            # That one is in the way of another is the likely fault; an experiment tells whether it is.
            return requirement_of_set(False, symptom)
        case Move(source=source, dest=dest):
            return _of_move(source, dest, key, was_refused=was_refused, was_stored=was_stored)
        case RemoveKey():
            if key not in cause.keys:
                return "REMOVE-2"
            return "REMOVE-1" if was_stored else "REMOVE-3"
        case Add() | Update() | AddOrUpdate():
            return _OF_OPERATIONS[type(cause)]
    return requirement_of_opening(cause) if isinstance(cause, OPENS) else "GET-3"


def requirement_of_set(own: bool, symptom: Symptom) -> RequirementId:
    """The requirement that a set violates which leaves its own key, or another one, in a wrong state."""
    if not own:
        return "SET-2"
    # That a value is there, but another, is what GET-1 is about; whether it is there at all, and the new one, SET-1.
    return "GET-1" if symptom in ("changed", "shared") else "SET-1"


def _of_move(source: Key, dest: Key, key: Key, *, was_refused: bool, was_stored: bool) -> RequirementId:
    if was_refused:
        return "MOVE-4"
    if source == dest == key:
        return "MOVE-3"
    if key == dest:
        return "MOVE-2" if was_stored else "MOVE-1"
    return "MOVE-1" if key == source else "MOVE-5"


def has_relative(key: Key, others: Mapping[Key, Any]) -> bool:
    """Whether one of `others` starts with `key` or the other way round."""
    return any(related(key, other) for other in others)


def omitted_by(outcome: Outcome, reference: InMemoryStoreBackend) -> list[Key]:
    """Some keys, but the id's, whose values a `get_all` has left out; of equal values, the last keys have none."""
    if not isinstance(outcome, Returned) or not isinstance(outcome.value, Iterable):
        return []
    left = Counter(map(told, outcome.value))
    omitted: list[Key] = []
    for key in reference.list_keys():
        value = told(reference.get(key))
        if left[value]:
            left[value] -= 1
        elif key != ID_KEY:
            omitted.append(key)
    return omitted[:MOST_OMITTED]
