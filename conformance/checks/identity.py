"""The store's id: how it comes about, how it is kept, and what is told where there is none (ID-1 to ID-8, ID-10)."""

import contextlib
import uuid
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from conformance.checks.case import Case, NewPlace, OpenBackend
from conformance.checks.support import (
    ID_KEY,
    INVALID,
    NO_KEY,
    PREFIX,
    UNSTEADY,
    expect,
    failing,
    leave,
    listed,
    outcome,
    plain_keys,
    told,
    unsteady,
    unusual,
    warned,
    warns,
)

ONE = "5f2c7a1e-9b3d-4c6f-8a70-1d2e3f4a5b6c"
OTHER = "0e1d2c3b-4a59-4687-b8a9-c0d1e2f3a4b5"
REFUSED = "the backend refuses to store a text under the id key"

SPELLINGS = {
    "plain": ONE,
    "upper case": ONE.upper(),
    "no hyphens": ONE.replace("-", ""),
    "braces": f"{{{ONE}}}",
    "urn:uuid:": f"urn:uuid:{ONE}",
    "version 1": "c9a646d3-9c61-11ee-8c90-0242ac120002",
    "all zeros": "00000000-0000-0000-0000-000000000000",
    "the number 1": "00000000-0000-0000-0000-000000000001",
    "all ones": "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "only digits": "12345678901234567890123456789012",
}
NO_UUIDS = ("not-a-uuid", "0", ONE[:-1], f"{ONE}0", f"{ONE[:-1]}g", f"{PREFIX}{ONE}")
ID_TEXTS = (f"{PREFIX}{ONE}", f"{PREFIX}{ONE}\n", f"{PREFIX}{ONE.upper()}\n")
UNCLEAR_TEXTS = (
    f"{PREFIX}{ONE}\r\n",
    f"{PREFIX}{ONE}\n\n",
    f" {PREFIX} {ONE} ",
    f"\ufeff{PREFIX}{ONE}",
    f"{PREFIX}{ONE} x",
)
NO_ID_TEXTS = ("", "\n", "garbage", PREFIX, f"{PREFIX}garbage", f"{PREFIX}{ONE[:-1]}", ONE)
READINGS = ("store_backend_id", "store_backend_id_warnings_suppressed")


def stored_id(backend: "Any", text: str) -> "str | None":
    """What get shows of the id key after `text` is stored there, or None where it is not stored."""
    try:
        backend.set(ID_KEY, text)
        stored = backend.get(ID_KEY)
    except Exception:
        return None
    return stored if isinstance(stored, str) and stored.strip() == text.strip() else None


def holding(
    new_place: "NewPlace", open_backend: "OpenBackend", text: str, options: "dict[str, Any]"
) -> "tuple[Any, str | None, list[tuple[str, str]]]":
    """A backend whose storage holds `text` under the id key, what get shows of it, and the warnings of opening it.

    Another backend on the same place stores the text before, if storage outlives a backend; else the backend itself.
    """
    place = new_place()
    writer = open_backend(place, suppress_store_backend_id=True)
    mark = plain_keys(open_backend, writer)[:1]
    stored = stored_id(writer, text)
    for key in mark:  # the last thing written: who sees that sees the text too
        writer.set(key, "1")
    leave(writer)
    backend, warnings_given = warned(lambda: open_backend(place, **options))
    if not mark or outcome(backend.has_key, mark[0]) != "returned True":
        stored = stored_id(backend, text)
    return backend, stored, warnings_given


def usual_warnings(
    new_place: "NewPlace", open_backend: "OpenBackend", name: str
) -> "tuple[list[tuple[str, str]], list[tuple[str, str]]]":
    """The warnings that opening a new store gives, and those of reading its id, where that is valid."""
    backend, early = warned(lambda: open_backend(new_place()))
    identity, late = warned(lambda: outcome(getattr, backend, name))
    valid = identity.startswith("returned UUID") and INVALID not in identity
    return (early, late) if valid else ([], [])


def warns_as_told(call: str, name: str, given: "Sequence[tuple[str, str]]", usual: "Sequence[tuple[str, str]]") -> None:
    """Raise unless a reading of no valid id warns, or does not, where its name says that warnings are suppressed."""
    if name == READINGS[0] and not warns(given, usual):
        raise AssertionError(f"expected a warning from {call}, came {'none' if not given else 'none of the id'}")
    if name == READINGS[1] and unusual(given, usual):
        raise AssertionError(f"expected no warning from {call}, came {unusual(given, usual)}")


def is_one_uuid(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """ID-1: store_backend_id is a UUID of version 4, the same at every read, with and without warnings."""
    backend = open_backend(new_place())
    first = backend.store_backend_id
    if not isinstance(first, uuid.UUID):
        raise AssertionError(f"expected a uuid.UUID as store_backend_id, came a {type(first).__name__}: {first!r}")
    if first.version != 4:
        which = "of no version" if first.version is None else f"of version {first.version}"
        raise AssertionError(f"expected a UUID of version 4 as store_backend_id, came one {which}: {first!r}")
    for name in ("store_backend_id", "store_backend_id_warnings_suppressed", "store_backend_id"):
        expect(f"{name}, read again,", f"returned {told(first)}", outcome(getattr, backend, name))
    return None


def differs_between_stores(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """ID-1: two stores have two ids."""
    ids = [open_backend(new_place()).store_backend_id for _ in range(2)]
    if ids[0] == ids[1]:
        raise AssertionError(f"expected two ids of two stores, came one: {ids[0]}")
    return None


def stores_its_id(new_place: "NewPlace", open_backend: "OpenBackend", manual_id: str) -> "str | None":
    """ID-2: the id is stored under the id key as PREFIX + UUID; a trailing newline is allowed."""
    backend = open_backend(new_place(), **({"manually_initialize_store_backend_id": manual_id} if manual_id else {}))
    if unsteady(backend):
        return UNSTEADY
    text = f"{PREFIX}{backend.store_backend_id}"
    actual = outcome(backend.get, ID_KEY)
    if actual not in (f"returned {text!r}", f"returned {text + chr(10)!r}"):
        raise AssertionError(f"expected {text!r} under the id key, came: get {actual}")
    return None


def reads_an_id(new_place: "NewPlace", open_backend: "OpenBackend", text: str) -> "str | None":
    """ID-2: PREFIX + UUID under the id key is the store's id, whoever wrote it, and stays as it is."""
    backend, stored, _ = holding(new_place, open_backend, text, {})
    if stored is None:
        return REFUSED
    if unsteady(backend):
        return UNSTEADY
    for name in READINGS:
        expect(
            f"{name}, with {text!r} under the id key,", f"returned {uuid.UUID(ONE)!r}", outcome(getattr, backend, name)
        )
    expect("get of the id key, after the id was read,", f"returned {stored!r}", outcome(backend.get, ID_KEY))
    return None


def takes_a_manual_id(new_place: "NewPlace", open_backend: "OpenBackend", spelling: str) -> "str | None":
    """ID-3: a valid manual id becomes the id of a store that has none, in any spelling that uuid.UUID reads."""
    backend = open_backend(new_place(), manually_initialize_store_backend_id=spelling)
    for name in ("store_backend_id", "store_backend_id_warnings_suppressed"):
        wanted = f"returned {uuid.UUID(spelling)!r}"
        expect(f"{name}, with the manual id {spelling!r},", wanted, outcome(getattr, backend, name))
    return None


def keeps_its_id(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """ID-4: a manual id is ignored by a store that has an id under the id key."""
    options = {"manually_initialize_store_backend_id": OTHER}
    backend, stored, _ = holding(new_place, open_backend, f"{PREFIX}{ONE}\n", options)
    if stored is None:
        return REFUSED
    actual = outcome(lambda: backend.store_backend_id)
    expect(f"store_backend_id, with another manual id ({OTHER}),", f"returned {uuid.UUID(ONE)!r}", actual)
    expect("get of the id key, after the id was read,", f"returned {stored!r}", outcome(backend.get, ID_KEY))
    return None


def keeps_its_id_when_reopened(new_place: "NewPlace", open_backend: "OpenBackend", first_id: str) -> "str | None":
    """ID-4: a manual id is ignored by a store that has an id, when it is opened again."""
    place = new_place()
    options = {"manually_initialize_store_backend_id": first_id} if first_id else {}
    backend = open_backend(place, **options)
    if unsteady(backend):
        return UNSTEADY
    before = f"returned {told(backend.store_backend_id)}"
    leave(backend)
    backend = open_backend(place, manually_initialize_store_backend_id=OTHER)
    expect("store_backend_id, reopened with another manual id,", before, outcome(lambda: backend.store_backend_id))
    return None


def tells_an_invalid_manual_id(new_place: "NewPlace", open_backend: "OpenBackend", manual_id: str) -> "str | None":
    """ID-5: an invalid manual id gives the id INVALID, with a warning, and nothing is stored."""
    place, call = new_place(), f"store_backend_id, with the manual id {manual_id!r},"
    backend, early = warned(lambda: open_backend(place, manually_initialize_store_backend_id=manual_id))
    actual, late = warned(lambda: outcome(lambda: backend.store_backend_id))
    expect(call, f"returned {uuid.UUID(INVALID)!r}", actual)
    expect("get of the id key, after that,", "raised InvalidKeyError", outcome(backend.get, ID_KEY))
    expect("has_key of the id key, after that,", "returned False", outcome(backend.has_key, ID_KEY))
    if ID_KEY in backend.list_keys():
        raise AssertionError(f"expected that the id key is not listed after that, came {listed(backend)}")
    expect(f"{call} read again,", f"returned {uuid.UUID(INVALID)!r}", outcome(lambda: backend.store_backend_id))
    usual = usual_warnings(new_place, open_backend, READINGS[0])
    if not warns([*early, *late], [*usual[0], *usual[1]]):
        raise AssertionError(f"expected a warning from opening with the manual id {manual_id!r} or reading the id")
    return None


def suppresses_its_id(new_place: "NewPlace", open_backend: "OpenBackend", manual_id: str) -> "str | None":
    """ID-6: with suppress_store_backend_id the id is None, and each read warns but the suppressed one."""
    options = {"manually_initialize_store_backend_id": manual_id} if manual_id else {}
    backend = open_backend(new_place(), suppress_store_backend_id=True, **options)
    _, usual = usual_warnings(new_place, open_backend, READINGS[1])
    for name in (READINGS[0], READINGS[0], READINGS[1]):
        actual, given = warned(partial(outcome, getattr, backend, name))
        expect(f"{name}, the id being suppressed,", "returned None", actual)
        warns_as_told(f"reading {name}, the id being suppressed", name, given, usual)
    return None


def writes_no_suppressed_id(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """ID-6: with suppress_store_backend_id the id key is never written, not by other operations either."""
    backend = open_backend(new_place(), suppress_store_backend_id=True)
    keys = plain_keys(open_backend, backend)
    if not keys:
        return NO_KEY
    _ = backend.store_backend_id, backend.store_backend_id_warnings_suppressed
    backend.set(keys[0], "1")
    with contextlib.suppress(Exception):  # whether it moves is no matter here
        backend.move(keys[0], keys[1])
    expect("get of the id key, the id being suppressed,", "raised InvalidKeyError", outcome(backend.get, ID_KEY))
    expect("has_key of the id key, the id being suppressed,", "returned False", outcome(backend.has_key, ID_KEY))
    return None


def tells_a_text_that_is_no_id(
    new_place: "NewPlace", open_backend: "OpenBackend", text: str, name: str, manual_id: str
) -> "str | None":
    """ID-7: where storage holds something else under the id key, the id is INVALID, with a warning; the text stays."""
    options = {"manually_initialize_store_backend_id": manual_id} if manual_id else {}
    backend, stored, early = holding(new_place, open_backend, text, options)
    if stored is None:
        return REFUSED
    actual, late = warned(lambda: outcome(getattr, backend, name))
    expect(f"{name}, with {text!r} under the id key,", f"returned {uuid.UUID(INVALID)!r}", actual)
    expect("get of the id key, after the id was read,", f"returned {stored!r}", outcome(backend.get, ID_KEY))
    usually_early, usually_late = usual_warnings(new_place, open_backend, name)
    if name == READINGS[0] and not warns([*early, *late], [*usually_early, *usually_late]):
        raise AssertionError(f"expected a warning from opening or from reading {name}, with {text!r} under the id key")
    if name == READINGS[1]:
        warns_as_told(f"reading {name}", name, late, usually_late)
    return None


def leaves_an_unclear_text(new_place: "NewPlace", open_backend: "OpenBackend", text: str) -> "str | None":
    """ID-7: a text with more than PREFIX + UUID gives that UUID or INVALID, and stays as it is."""
    backend, stored, _ = holding(new_place, open_backend, text, {})
    if stored is None:
        return REFUSED
    if unsteady(backend):
        return UNSTEADY
    actual = outcome(lambda: backend.store_backend_id)
    if actual not in (f"returned {uuid.UUID(ONE)!r}", f"returned {uuid.UUID(INVALID)!r}"):
        expected = f"{ONE} or {INVALID} as the id, with {text!r} under the id key"
        raise AssertionError(f"expected {expected}, came: it {actual}")
    expect("get of the id key, after the id was read,", f"returned {stored!r}", outcome(backend.get, ID_KEY))
    return None


def tells_storage_that_fails_to_read(new_place: "NewPlace", open_backend: "OpenBackend", name: str) -> "str | None":
    """ID-7: where storage fails to read, the id is INVALID, with a warning; what is stored stays."""
    backend = open_backend(new_place())
    _ = backend.store_backend_id
    before = outcome(backend.get, ID_KEY)
    _, usual = warned(lambda: outcome(getattr, backend, name))
    error = OSError(5, "the storage fails")
    (actual, given), calls = failing(backend, ["_get"], error, lambda: warned(lambda: outcome(getattr, backend, name)))
    if not calls:
        return "the backend reads its id without a method _get, so that nothing can be made to fail in it"
    expect(f"{name}, when _get raises OSError,", f"returned {uuid.UUID(INVALID)!r}", actual)
    warns_as_told(f"reading {name} when _get raises OSError", name, given, usual)
    expect("get of the id key, when storage works again,", before, outcome(backend.get, ID_KEY))
    return None


def tells_storage_that_fails_to_write(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """ID-7: where storage fails to write the first id, the id is INVALID, with a warning, and nothing is stored."""
    sample, place = open_backend(new_place()), new_place()
    opened: list[Any] = []

    def opened_and_read() -> uuid.UUID:
        opened.append(open_backend(place))
        return opened[0].store_backend_id  # type: ignore[no-any-return]

    early, late = usual_warnings(new_place, open_backend, READINGS[0])
    error = OSError(28, "the storage is full")
    result, calls = failing(sample, ["_set", "_add"], error, lambda: warned(lambda: outcome(opened_and_read)))
    if not calls:
        return "the backend stores its id without a method _set or _add, so that nothing can be made to fail in it"
    actual, given = result
    call = "store_backend_id of a new store, when _set and _add raise OSError,"
    expect(call, f"returned {uuid.UUID(INVALID)!r}", actual)
    if not warns(given, [*early, *late]):
        raise AssertionError(f"expected a warning from opening or from reading {call} came none")
    expect("get of the id key, after that,", "raised InvalidKeyError", outcome(opened[0].get, ID_KEY))
    return None


def keeps_its_id_through_writes(new_place: "NewPlace", open_backend: "OpenBackend", below: bool) -> "str | None":
    """ID-10: operations on other keys never change the id, keys that start with the id key included."""
    backend = open_backend(new_place())
    keys = plain_keys(open_backend, backend)
    if not keys:
        return NO_KEY
    if below:
        keys = [(*ID_KEY, "one"), (*ID_KEY, "two")]
    if unsteady(backend):
        return UNSTEADY
    before = f"returned {told(backend.store_backend_id)}"
    for operation, *arguments in (
        ("set", keys[0], "1"),
        ("set", keys[0], "2"),
        ("move", keys[0], keys[1]),
        ("remove_key", keys[1]),
    ):
        with contextlib.suppress(Exception):  # such keys may be refused; the id must stay all the same
            getattr(backend, operation)(*arguments)
        call = f"store_backend_id, after {operation}({', '.join(map(repr, arguments))}),"
        expect(call, before, outcome(lambda: backend.store_backend_id))
    return None


def has_the_same_id_reopened(new_place: "NewPlace", open_backend: "OpenBackend", manual_id: str) -> "str | None":
    """ID-8: opening the same storage again gives the same id."""
    place = new_place()
    backend = open_backend(place, **({"manually_initialize_store_backend_id": manual_id} if manual_id else {}))
    if unsteady(backend):
        return UNSTEADY
    before = f"returned {told(backend.store_backend_id)}"
    leave(backend)
    backend = open_backend(place)
    expect("store_backend_id, reopened,", before, outcome(lambda: backend.store_backend_id))
    return None


def shares_its_id(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """ID-8: two backends open on the same storage give the same id."""
    place = new_place()
    backend, other = open_backend(place), open_backend(place)
    if unsteady(backend):
        return UNSTEADY
    before = f"returned {told(backend.store_backend_id)}"
    expect("store_backend_id by a second backend", before, outcome(lambda: other.store_backend_id))
    return None


def _cases() -> Iterator[Case]:
    yield Case("ID-1", is_one_uuid, title="a new store's id", operations=3)
    yield Case("ID-1", differs_between_stores, title="two stores' ids", operations=2)
    for manual_id, which in (("", "generated"), (ONE, "manual")):
        yield Case("ID-2", stores_its_id, (manual_id,), f"the text of a {which} id", 2)
        yield Case(
            "ID-4",
            keeps_its_id_when_reopened,
            (manual_id,),
            f"a manual id for a store with a {which} one",
            2,
            claim="durable",
        )
        yield Case("ID-6", suppresses_its_id, (manual_id,), f"a suppressed {which} id", 1)
        yield Case("ID-8", has_the_same_id_reopened, (manual_id,), f"a {which} id, reopened", 2)
    yield Case("ID-8", shares_its_id, (), "the id of two backends", 2, together=2)
    for text in ID_TEXTS:
        yield Case("ID-2", reads_an_id, (text,), f"the id in {text!r}", 2)
    for name, spelling in SPELLINGS.items():
        yield Case("ID-3", takes_a_manual_id, (spelling,), f"a manual id in the spelling: {name}", 2)
    yield Case("ID-4", keeps_its_id, title="a manual id for a store that has one", operations=2)
    for text in NO_UUIDS:
        yield Case("ID-5", tells_an_invalid_manual_id, (text,), f"the invalid manual id {text!r}", 2)
    yield Case("ID-6", writes_no_suppressed_id, title="the id key while suppressed", operations=3)
    yield from _unreadable()
    for below in (False, True):
        yield Case(
            "ID-10", keeps_its_id_through_writes, (below,), "writing keys below the id key" if below else "writing", 4
        )


def _unreadable() -> Iterator[Case]:
    for text in NO_ID_TEXTS:
        for name in READINGS:
            yield Case("ID-7", tells_a_text_that_is_no_id, (text, name, ""), f"the stored text {text!r}", 2)
    arguments = ("garbage", READINGS[0], OTHER)
    yield Case("ID-7", tells_a_text_that_is_no_id, arguments, "a manual id where the stored text is no id", 2)
    for text in UNCLEAR_TEXTS:
        yield Case("ID-7", leaves_an_unclear_text, (text,), f"the stored text {text!r}", 2)
    for name in READINGS:
        yield Case("ID-7", tells_storage_that_fails_to_read, (name,), "an id that cannot be read", 1)
    yield Case("ID-7", tells_storage_that_fails_to_write, title="an id that cannot be stored", operations=1)


CASES: tuple[Case, ...] = tuple(_cases())
