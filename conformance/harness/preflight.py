"""What is found out about a subject before it is judged: is it a backend, is its place empty, what has it."""

from typing import Any

import attrs

from conformance.harness.harness import Harness
from conformance.harness.interface import DEMANDED_BY, EXTENDED_METHODS, INTERFACE
from conformance.harness.store import Store, SubjectError
from conformance.harness.synchrony import AWAITABLES, Asynchrony, dismissed, never_awaited, probe
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import ListKeys
from conformance.programs.outcomes import Raised, Returned

PROBING = 2.0
"""Seconds that one operation has at most where it is only asked whether it is asynchronous."""


def require_subject(harness: Harness) -> None:
    """Check that it is a backend, synchronous, and its new place empty but for the id key, before anything is written.

    Raises:
        SubjectError: it is not, and its author is to blame.
    """
    asynchrony = Asynchrony()
    backend, fault = None, ""
    with never_awaited() as names:
        try:
            store = harness.open()
        except SubjectError as error:
            fault = str(error)  # not the error, which would keep a coroutine that is to be ended here
        else:
            backend = store.backend
            try:
                _require_backend(harness, store, asynchrony)
            except SubjectError as error:
                fault = str(error)
            finally:
                harness.close(store)
            del store
    asynchrony.unawaited(names, backend)
    if asynchrony:
        raise SubjectError(f"{harness.subject.title} is asynchronous, and the interface is synchronous ({asynchrony})")
    if fault:
        raise SubjectError(fault)


def _require_backend(harness: Harness, store: Store, asynchrony: Asynchrony) -> None:
    lacking = [name for name in INTERFACE if not callable(getattr(store.backend, name, None))]
    if lacking:
        kind = type(store.backend).__name__
        raise SubjectError(
            f"{harness.subject.title} gives a {kind}, which is no store backend: it has no {', '.join(lacking)}"
        )
    asynchrony.declarations(store.backend)
    if asynchrony:
        return
    actual = None if harness.avoids(ListKeys.name) else harness.perform(ListKeys(), store.backend)
    if isinstance(actual, Returned) and dismissed(actual.value):
        asynchrony.add(AWAITABLES, ListKeys.name)
    listed = actual.value if isinstance(actual, Returned) and isinstance(actual.value, list) else None
    found = [key for key in listed or () if key != ID_KEY]
    if found:
        raise SubjectError(
            f"the place of {harness.subject.title} is not empty: it holds {len(found)} keys, {found[0]!r} among them; "
            "give a place that is new and empty each time (nothing was written to it)"
        )
    # What hangs is told by a program that is to come; here it only costs time.
    hurried = harness.with_limit(PROBING)
    probe(asynchrony, lambda operation: hurried.perform(operation, store.backend), harness.material, harness.avoided)


@attrs.frozen
class Missing:
    """What a subject has not.

    Args:
        methods: the names of the 1.x methods, which are not asked for then.
        advice: what else of the interface, and how to come by it, in words; "" if it has all.
    """

    methods: frozenset[str]
    advice: str


def missing_of(harness: Harness) -> Missing:
    """What of the interface a subject has not, besides what is no store backend without."""
    store = harness.open()
    try:
        methods = frozenset(name for name in EXTENDED_METHODS if not callable(getattr(store.backend, name, None)))
        return Missing(methods, _advice(store.backend))
    finally:
        harness.close(store)


def _advice(backend: Any) -> str:
    # What is there is not read, for to read an id may create it.
    defined = {name for cls in type(backend).__mro__ for name in vars(cls)}
    missing = [name for name in DEMANDED_BY if name not in defined and not hasattr(backend, name)]
    if not missing:
        return ""
    return (
        f"{type(backend).__name__} has no {', '.join(missing)}: a subclass of spec_store.StoreBackend has them all, "
        "and defines _get, _set, _move, _has_key, list_keys and remove_key"
    )


def cheap_options(harness: Harness) -> dict[str, bool]:
    """The option to have no id, which spares the writing of it, where the subject takes that."""
    options = {"suppress_store_backend_id": True}
    try:
        harness.close(harness.open(**options))
    except SubjectError:
        return {}
    return options


def refused_second_opening(harness: Harness) -> str:
    """What a second opening of a place raises while the first is open, if it succeeds once that is closed; or ""."""
    store = harness.open()
    try:
        outcome = harness.reopen(store)
        if not isinstance(outcome, Raised):
            return ""
        store.close_backends()
        return outcome.text if isinstance(harness.reopen(store), Returned) else ""
    finally:
        harness.close(store)
