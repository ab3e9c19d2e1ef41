"""Keys that are equal to a plain one and of another class, and identifiers that stand for one.

    what is given                                 what a backend may do with it                   requirement
    --------------------------------------------  ----------------------------------------------  -----------
    a tuple of a subclass, as a named tuple is    refuse it; else it is the key that it is equal  KEY-9
    a str of a subclass, told otherwise, as a     to, in every method
    member of an enumeration is
    to remove_key, an object with to_tuple()      refuse it by TypeError; else remove what it     KEY-7
                                                  names, as Great Expectations' stores want it

What an element is told as (`str`, `format`) is not what it is: a member of an enumeration of strings is equal
to its value, and told by its name.
"""

from typing import Any

from conformance.checks.case import Case, NewPlace, OpenBackend
from conformance.checks.support import NO_KEY, Key, expect, observed, outcome, plain_keys, unchanged


class Named(tuple[str, ...]):
    """A tuple that is made of its elements, as a named tuple is."""

    def __new__(cls, *elements: str) -> "Named":
        return super().__new__(cls, elements)


class Told(str):
    """A str that is told by another name, as a member of an enumeration is."""

    def __str__(self) -> str:
        return "Told.otherwise"

    def __format__(self, spec: str) -> str:
        return "Told.otherwise"


class Identifier:
    """What Great Expectations' stores hand to remove_key in place of a key."""

    def __init__(self, key: "Key") -> None:
        self.key = key

    def to_tuple(self) -> "Key":
        """The key."""
        return self.key


def listing(backend: "Any", *prefix: "Key") -> "list[Key]":
    """What list_keys answers, in order, the elements of its keys told as what they are."""
    return sorted(tuple(map(str.__str__, key)) for key in backend.list_keys(*prefix))


def answers_on(backend: "Any", *keys: "Key") -> list[str]:
    """What get and has_key of these keys and list_keys answer."""
    told = [f"{name}({key!r}) {outcome(getattr(backend, name), key)}" for key in keys for name in ("get", "has_key")]
    return [*told, f"list_keys() {outcome(listing, backend)}"]


def answers_to(backend: "Any", given: "Key", key: "Key", dest: "Key") -> list[str]:
    """What a store answers when a key is written, read, listed, moved and removed as it is given.

    Args:
        backend: a new one.
        given: a key that is equal to `key`.
        key: the plain one.
        dest: another.
    """
    told = [f"set of it {outcome(backend.set, given, '1').partition(' ')[0]}", *answers_on(backend, key, dest)]
    backend.set(key, "2")
    told += [f"{name} of it {outcome(getattr(backend, name), given)}" for name in ("get", "has_key")]
    told.append(f"list_keys of it {outcome(listing, backend, given)}")
    told += [f"move of it {outcome(backend.move, given, dest).partition(' ')[0]}", *answers_on(backend, key, dest)]
    backend.set(key, "3")
    told.append(f"remove_key of it {outcome(backend.remove_key, given).partition(' ')[0]}")
    told += answers_on(backend, key, dest)
    backend.remove_key(dest)
    return told


def takes_it_for_its_equal(new_place: "NewPlace", open_backend: "OpenBackend", what: str) -> "str | None":
    """KEY-9: keys that are equal are one key, where set accepts them."""
    backend = open_backend(new_place())
    keys = plain_keys(open_backend, backend)
    if not keys:
        return NO_KEY
    key, dest, other = keys
    equal: list[Key] = [
        Named(*each) if what == "a tuple of a subclass" else tuple(map(Told, each)) for each in (other, key)
    ]
    if outcome(backend.set, (*other[:-1], 1), "1").startswith("returned"):
        return "elements that are no str at all are taken, and turned into one (KEY-2)"
    before = answers_on(backend, other)
    actual = outcome(backend.set, equal[0], "1")
    if actual.startswith("raised"):
        known = ("TypeError", "ValueError", "InvalidKeyError", "StoreBackendError")
        if actual.removeprefix("raised ") not in known:
            raise AssertionError(f"expected that set takes {what} as a key, or refuses it, came: it {actual}")
        unchanged(before, answers_on(backend, other), f"a refused set of {what}")
        return None
    backend.remove_key(other)
    plain = open_backend(new_place())
    plain_keys(open_backend, plain)
    usual = answers_to(plain, key, key, dest)
    backend = open_backend(new_place())
    plain_keys(open_backend, backend)
    for as_usual, answer in zip(usual, answers_to(backend, equal[1], key, dest), strict=True):
        if as_usual != answer:
            raise AssertionError(f"expected of {what} what the key {key!r} does, {as_usual}, came: {answer}")
    return None


def removes_what_an_identifier_names(new_place: "NewPlace", open_backend: "OpenBackend") -> "str | None":
    """KEY-7: remove_key refuses an object with to_tuple() by TypeError, or takes it for its tuple."""
    backend = open_backend(new_place())
    keys = plain_keys(open_backend, backend)
    if not keys:
        return NO_KEY
    backend.set(keys[0], "1")
    backend.set(keys[1], "2")
    before = observed(backend, *keys[:2])
    actual = outcome(backend.remove_key, Identifier(keys[0]))
    if actual == "raised TypeError":
        unchanged(before, observed(backend, *keys[:2]), "a refused remove_key")
        return None
    call = "remove_key of an object with to_tuple()"
    if actual.startswith("raised"):
        raise AssertionError(f"expected that {call} removes what it names, or raises TypeError, came: it {actual}")
    expect(f"get({keys[0]!r}), after {call} that names it,", "raised InvalidKeyError", outcome(backend.get, keys[0]))
    expect(f"get({keys[1]!r}), after {call} that names another,", "returned '2'", outcome(backend.get, keys[1]))
    return None


CASES: tuple[Case, ...] = (
    *(
        Case("KEY-9", takes_it_for_its_equal, (what,), f"{what} as a key", 2)
        for what in ("a tuple of a subclass", "a tuple of str of a subclass")
    ),
    Case("KEY-7", removes_what_an_identifier_names, title="remove_key of an identifier", operations=2, emptied=True),
)
