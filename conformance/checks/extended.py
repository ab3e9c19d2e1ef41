"""add of a key with the value that it has, which no program does (ADD-1)."""

from conformance.checks.case import Case, NewPlace, OpenBackend
from conformance.checks.support import NO_KEY, expect, observed, outcome, plain_keys, unchanged


def refuses_to_add_twice(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """ADD-1: add of a stored key raises StoreBackendError, with the value that it has too, and nothing changes."""
    backend = open_backend(new_place())
    if not hasattr(backend, "add"):
        return "the backend has no method add"
    keys = plain_keys(open_backend, backend)
    if not keys:
        return NO_KEY
    backend.set(keys[0], "1")
    before = observed(backend, *keys[:2])
    expect("add of a stored key, with its value,", "raised StoreBackendError", outcome(backend.add, keys[0], "1"))
    unchanged(before, observed(backend, *keys[:2]), "add of a stored key")
    return None


CASES: tuple[Case, ...] = (
    Case("ADD-1", refuses_to_add_twice, title="add of a stored key with its value", operations=2),
)
