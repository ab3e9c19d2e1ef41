"""What a subject may refuse: keys (KEY-5) and values (SET-4) that it cannot store even on an empty store.

What those are the subject shows itself, on a new store each (`Refusals`). A key or value is within its limits if it
was taken there, and beyond them if it was refused:

    operation              beyond the limits is                    it may raise
    ---------------------  --------------------------------------  -------------------------------------------
    set and the like       the key                                 what set raised there, if it is a refusal by
                                                                   the specification; InvalidKeyError
    has_key, move          a key                                   what set raised there; InvalidKeyError
    get, remove_key        the key, if it is not stored after all  what set raised there; InvalidKeyError
    list_keys              the prefix, if nothing is stored below  what set raised there
    set and the like       the value                               what set raised there, if it is a
                                                                   StoreBackendError or a TypeError

To return is always allowed; that it then did what it says is judged like any other operation.
"""

from conformance.harness.refusals import Refusals
from conformance.programs.operations import WRITES, Get, ListKeys, Operation, RemoveKey, Set, SetMany
from conformance.programs.outcomes import REFUSALS, VALUE_REFUSALS, Outcome, Raised
from conformance.sequential.expectations import Raises, Succeeds
from conformance.sequential.model import Limit
from spec_store import InMemoryStoreBackend


def is_permitted(operation: Operation, actual: Outcome, refusals: Refusals, reference: InMemoryStoreBackend) -> bool:
    """Whether an operation that did not do what it should has raised what the subject's limits allow for."""
    if not isinstance(actual, Raised):
        return False
    operation = _first_of_many(operation)
    if isinstance(operation, ListKeys):
        refusal = refusals.of_key(operation.prefix)
        return refusal is not None and refusal.kind == actual.kind and not reference.list_keys(operation.prefix)
    for key in operation.keys:
        refusal = refusals.of_key(key)
        # What is stored after all must be readable and removable, whatever an empty store made of its key.
        needed = isinstance(operation, Get | RemoveKey) and reference.has_key(key)
        if refusal is not None and not needed and _is_refusal_of_key(operation, actual.kind, refusal):
            return True
    if not isinstance(operation, WRITES):
        return False
    refusal = refusals.of_value(operation.value)
    return refusal is not None and actual.kind == refusal.kind and actual.kind in VALUE_REFUSALS


def _first_of_many(operation: Operation) -> Operation:
    """The first of many sets, whose keys are alike: where it is refused, nothing has been set. Else the operation."""
    return Set(*operation.items()[0]) if isinstance(operation, SetMany) else operation


def _is_refusal_of_key(operation: Operation, kind: str, refusal: Raised) -> bool:
    # A read may fail as the backend's set does, whatever that is: the specification asks no more of it. A write
    # that raises, say, an OSError has not refused, but failed.
    as_alone = kind == refusal.kind and (kind in REFUSALS or not isinstance(operation, WRITES))
    return as_alone or kind == "InvalidKeyError"


def limit_of(operation: Operation, refusals: Refusals) -> Limit | None:
    """The limit that an operation meets with: of keys, of values, or none."""
    operation = _first_of_many(operation)
    if any(map(refusals.of_key, operation.keys)):
        return "KEY-5"
    if isinstance(operation, WRITES) and refusals.of_value(operation.value):
        return "SET-4"
    return None


def expectation_beyond(limit: Limit, operation: Operation, refusals: Refusals) -> Succeeds | Raises:
    """What may come of an operation beyond a limit."""
    if isinstance(operation, WRITES):
        return Succeeds(REFUSALS if limit == "KEY-5" else VALUE_REFUSALS)
    kinds = {refusal.kind for refusal in map(refusals.of_key, operation.keys) if refusal}
    return Raises(frozenset(kinds | {"InvalidKeyError"}))
