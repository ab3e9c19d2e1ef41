"""Which requirements a generated fault may rightly be reported under, by what it does in which operation.

A fault is one change of behaviour, and may go against the words of more requirements than one: a value that set has
changed is not what set gave the key (GET-1), and not the one that the key has after it (SET-1). Rightful is what the
words of a requirement say of the operation and the effect:

    operation                 effect         rightful
    ------------------------  -------------  ----------------------------------------------------------------
    a write                   any of these   its own: SET-1, ADD-1, UPDATE-1, UPSERT-1, and
                              altered        GET-1, SET-4
                              another's      SET-2, KEY-4, KEY-5 (it is not stored under exactly its key)
                              side effect    SET-2
                              raises after   KEY-5, SET-4, where it raises what refuses (and changes something)
    move                      any of these   MOVE-1, MOVE-2, MOVE-3, MOVE-4, and
                              altered        GET-1
                              another's      MOVE-5
                              side effect    MOVE-5
    remove_key                any of these   REMOVE-1, REMOVE-3, and
                              wrong answer   REMOVE-4
                              lost           REMOVE-4 (what it says is not so)
                              side effect    REMOVE-2
    get                       any of these   GET-1, GET-2, and
                              stale          SET-1, UPSERT-1, UPDATE-1, MOVE-1, MOVE-2, REMOVE-1 (not seen to act)
                              another's      KEY-4
                              side effect    GET-3
    has_key                   any of these   HAS-1, and
                              side effect    GET-3
    list_keys                 any of these   LIST-1, LIST-2, LIST-3, and
                              side effect    GET-3
    get_all                   any of these   ALL-1, and
                              side effect    GET-3
    store_backend_id          any of these   ID-1, and
                              raises         ID-7
                              side effect    GET-3
    reopen                    any of these   REOPEN-1, REOPEN-2, and
                              id             REOPEN-3 (it writes when it is opened)
    all but store_backend_id  id             ID-10; GET-3 of a read; ID-8 of reopen
    all                       id             ID-1

What the trigger is about adds to these:

    trigger                           rightful
    --------------------------------  -----------------------------------------------------------------------
    key                               KEY-5 (what set accepts, it stores under exactly that key); KEY-4, where
                                      another stored key is alike
    a longer or a shorter key,        KEY-6 (of repeated elements the plainest example is ("a",) and ("a", "a"))
    repeated elements of another, or
    its last element
    value, of what stores or gives    GET-1, SET-4 (a value that it cannot store is to be refused)
    count, or age by calls, where     GET-3 (what is observed after some reads is not what was before);
    reads are counted                 REOPEN-1 of age in a read (nor is what is observed once it is opened again)
    age by openings                   REOPEN-1; ID-8 with an id
    handle                            REOPEN-2

Where a requirement is named that is not here, the report is wrong about what the fault is, though there is one.
"""

from collections.abc import Iterator, Mapping

from conformance.faults.generated.calls import READS, WRITES
from conformance.faults.generated.circumstances import Nth, Old, Opening, Relative
from conformance.faults.generated.effects import NO_REFUSALS, RaisesAfter
from conformance.faults.generated.fault import GeneratedFault, Part
from conformance.faults.generated.keys import Alike, CutAlike
from spec_store.requirements import RequirementId

Ids = tuple[RequirementId, ...]

_WRITE: Mapping[str, Ids] = {
    "altered": ("GET-1", "SET-4"),
    "another's": ("SET-2", "KEY-4", "KEY-5"),
    "side effect": ("SET-2",),
    "id": ("ID-10", "ID-1"),
}
_READ: Mapping[str, Ids] = {"side effect": ("GET-3",), "id": ("GET-3", "ID-10", "ID-1")}

OWN: Mapping[str, Ids] = {
    "set": ("SET-1",),
    "add": ("ADD-1",),
    "update": ("UPDATE-1",),
    "add_or_update": ("UPSERT-1",),
    "move": ("MOVE-1", "MOVE-2", "MOVE-3", "MOVE-4"),
    "remove_key": ("REMOVE-1", "REMOVE-3"),
    "get": ("GET-1", "GET-2"),
    "has_key": ("HAS-1",),
    "list_keys": ("LIST-1", "LIST-2", "LIST-3"),
    "get_all": ("ALL-1",),
    "store_backend_id": ("ID-1",),
    "reopen": ("REOPEN-1", "REOPEN-2"),
}
"""What each operation is about, whatever goes wrong in it."""

BY_EFFECT: Mapping[str, Mapping[str, Ids]] = {
    **dict.fromkeys(WRITES, _WRITE),
    **dict.fromkeys(READS, _READ),
    "move": {
        "altered": ("GET-1",),
        "another's": ("MOVE-5",),
        "side effect": ("MOVE-5",),
        "id": ("ID-10", "ID-1"),
    },
    "remove_key": {
        "wrong answer": ("REMOVE-4",),
        "lost": ("REMOVE-4",),
        "side effect": ("REMOVE-2",),
        "id": ("ID-10", "ID-1"),
    },
    "get": {
        **_READ,
        "stale": ("SET-1", "UPSERT-1", "UPDATE-1", "MOVE-1", "MOVE-2", "REMOVE-1"),
        "another's": ("KEY-4",),
    },
    "store_backend_id": {"raises": ("ID-7",), "side effect": ("GET-3",)},
    "reopen": {"id": ("ID-8", "ID-10", "ID-1", "REOPEN-3")},
}
"""What an effect is about besides, by operation."""


def rightful(fault: GeneratedFault) -> frozenset[RequirementId]:
    """The ids of the requirements that a fault may be reported under."""
    return frozenset(_rightful(fault))


def _rightful(fault: GeneratedFault) -> Iterator[RequirementId]:
    for name in fault.operations:
        yield from OWN[name]
        yield from BY_EFFECT[name].get(fault.effect.kind, ())
        if name in WRITES and isinstance(fault.effect, RaisesAfter) and fault.effect.error not in NO_REFUSALS:
            yield from ("KEY-5", "SET-4")
    for part in fault.parts:
        yield from _by_part(part, fault)


def _by_part(part: Part, fault: GeneratedFault) -> Ids:
    reads = not set(READS).isdisjoint(fault.operations)
    match part:
        case Alike(how="but for repeated elements" | "by its last element"):
            return ("KEY-4", "KEY-5", "KEY-6")
        case Alike() | CutAlike():
            return ("KEY-4", "KEY-5")
        case Relative():
            return ("KEY-6",)
        case Opening():
            return ("REOPEN-1", "ID-8") if fault.effect.kind == "id" else ("REOPEN-1",)
        case Old():
            return ("GET-3", "REOPEN-1") if reads else ("GET-3",)
        case Nth(of_all=of_all):
            return ("GET-3",) if of_all or reads else ()
    if part.kind == "key":
        return ("KEY-5",)
    if part.kind == "handle":
        return ("REOPEN-2",)
    stores = not {*WRITES, "move", "get"}.isdisjoint(fault.operations)
    return ("GET-1", "SET-4") if part.kind == "value" and stores else ()
