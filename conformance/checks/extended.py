"""The additions of Great Expectations 1.x, judged where a backend has them (ADD-1, UPDATE-1, UPSERT-1, ALL-1)."""

from conformance.cases import Case, NewPlace, OpenBackend
from conformance.checks.tools import NO_KEY, expect, observed, outcome, plain_keys, unchanged


def adds_a_missing_key(new_place: "NewPlace", open_backend: "OpenBackend", removed: bool) -> "str | None":
    """ADD-1: add stores a missing key, one that was removed too."""
    backend = open_backend(new_place())
    if not hasattr(backend, "add"):
        return "the backend has no method add"
    keys = plain_keys(backend)
    if not keys:
        return NO_KEY
    if removed:
        backend.set(keys[0], "0")
        backend.remove_key(keys[0])
    after = ", after set and remove_key," if removed else ""
    came = outcome(backend.add, keys[0], "1")
    if came.startswith("raised"):
        raise AssertionError(f"expected that add of a missing key{after} stores it, came: it {came}")
    expect(f"get, after add of a missing key{after}", "returned '1'", outcome(backend.get, keys[0]))
    return None


def refuses_to_add_twice(new_place: "NewPlace", open_backend: "OpenBackend", value: str) -> "str | None":
    """ADD-1: add of a stored key raises StoreBackendError, and nothing changes."""
    backend = open_backend(new_place())
    if not hasattr(backend, "add"):
        return "the backend has no method add"
    keys = plain_keys(backend)
    if not keys:
        return NO_KEY
    backend.set(keys[0], "1")
    before = observed(backend, *keys[:2])
    expect("add of a stored key", "raised StoreBackendError", outcome(backend.add, keys[0], value))
    unchanged(before, observed(backend, *keys[:2]), "add of a stored key")
    return None


def updates_a_stored_key(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """UPDATE-1: update replaces a stored key's value, and no other key's."""
    backend = open_backend(new_place())
    if not hasattr(backend, "update"):
        return "the backend has no method update"
    keys = plain_keys(backend)
    if not keys:
        return NO_KEY
    for key in keys[:2]:
        backend.set(key, "1")
    backend.update(keys[0], "2")
    expect("get, after update of a stored key,", "returned '2'", outcome(backend.get, keys[0]))
    expect("get of another key, after update,", "returned '1'", outcome(backend.get, keys[1]))
    return None


def refuses_to_update_a_missing_key(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """UPDATE-1: update of a missing key raises StoreBackendError, and nothing changes."""
    backend = open_backend(new_place())
    if not hasattr(backend, "update"):
        return "the backend has no method update"
    keys = plain_keys(backend)
    if not keys:
        return NO_KEY
    backend.set(keys[0], "1")
    before = observed(backend, *keys[:2])
    expect("update of a missing key", "raised StoreBackendError", outcome(backend.update, keys[1], "2"))
    unchanged(before, observed(backend, *keys[:2]), "update of a missing key")
    return None


def adds_or_updates(new_place: "NewPlace", open_backend: "OpenBackend", stored: bool) -> "str | None":
    """UPSERT-1: add_or_update ends as set does, of a missing key and of a stored one."""
    backend = open_backend(new_place())
    if not hasattr(backend, "add_or_update"):
        return "the backend has no method add_or_update"
    keys = plain_keys(backend)
    if not keys:
        return NO_KEY
    backend.set(keys[1], "1")
    if stored:
        backend.set(keys[0], "1")
    which = "a stored key" if stored else "a missing key"
    came = outcome(backend.add_or_update, keys[0], "2")
    if came.startswith("raised"):
        raise AssertionError(f"expected that add_or_update of {which} stores the value, came: it {came}")
    expect(f"get, after add_or_update of {which},", "returned '2'", outcome(backend.get, keys[0]))
    expect("get of another key, after add_or_update,", "returned '1'", outcome(backend.get, keys[1]))
    return None


def gets_all_values(new_place: "NewPlace", open_backend: "OpenBackend", step: str) -> "str | None":
    """ALL-1: get_all gives every value but the id's, equal ones once for each key."""
    backend = open_backend(new_place())
    if not hasattr(backend, "get_all"):
        return "the backend has no method get_all"
    keys = plain_keys(backend)  # leaves the value "0" in the store
    if not keys:
        return NO_KEY
    _ = backend.store_backend_id
    for key in keys:
        backend.set(key, "1")
    expected = ["0", "1", "1", "1"]
    if step == "an overwrite":
        backend.set(keys[0], "2")
        expected = ["0", "1", "1", "2"]
    elif step == "a removal":
        backend.remove_key(keys[0])
        expected = ["0", "1", "1"]
    came = outcome(lambda: sorted(backend.get_all()))
    expect(f"sorted(get_all()), after {step},", f"returned {expected!r}", came)
    return None


CASES: tuple[Case, ...] = (
    Case("ADD-1", adds_a_missing_key, (False,), "add of a missing key", 2),
    Case("ADD-1", adds_a_missing_key, (True,), "add of a removed key", 4),
    Case("ADD-1", refuses_to_add_twice, ("2",), "add of a stored key", 2),
    Case("ADD-1", refuses_to_add_twice, ("1",), "add of a stored key with the same value", 2),
    Case("UPDATE-1", updates_a_stored_key, (), "update of a stored key", 3),
    Case("UPDATE-1", refuses_to_update_a_missing_key, (), "update of a missing key", 2),
    Case("UPSERT-1", adds_or_updates, (False,), "add_or_update of a missing key", 2),
    Case("UPSERT-1", adds_or_updates, (True,), "add_or_update of a stored key", 3),
    *(
        Case("ALL-1", gets_all_values, (step,), f"get_all after {step}", 5)
        for step in ("writes", "an overwrite", "a removal")
    ),
)
