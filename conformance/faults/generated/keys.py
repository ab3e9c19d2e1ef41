"""Parts of triggers that are about a key: what stands in an element, sizes, and what other key it resembles.

    part            the fault acts on a key ...
    --------------  ------------------------------------------------------------------------------
    Element         whose first, second, last, or any element begins with, ends with, contains or is of a class
    LongElement     with an element of more than so many characters
    ManyElements    of more than so many elements
    EqualNeighbours of which an element is as the one before it
    Alike           where another stored key is the same once both are transformed (case, normal form, joined, ...)

Each says of a call whether it is met, and adds to a plan what it takes to meet it.
"""

import itertools
import random
import unicodedata
from collections.abc import Callable, Mapping
from typing import ClassVar

import attrs

from conformance.faults.generated.calls import Call, Scene
from conformance.faults.generated.plans import PLAIN, Plan, plain_key, somewhat
from conformance.programs.operations import Set
from spec_store import Key

Test = Callable[[str], bool]

CHARACTERS: Mapping[str, tuple[Test, str]] = {
    "an upper-case letter": (str.isupper, "ABZ\u00c9"),
    "a character beyond ASCII": (lambda one: not one.isascii(), "\u00e9\u00df\u0436\u540d\U0001f600"),
    "a combining mark": (lambda one: unicodedata.combining(one) > 0, "\u0301\u0308\u0327"),
    "a digit": (lambda one: one in "0123456789", "0379"),
    "a dot": (lambda one: one == ".", "."),
    "a space": (lambda one: one == " ", " "),
    "a slash": (lambda one: one == "/", "/"),
    "a backslash": (lambda one: one == "\\", "\\"),
    "a control character": (lambda one: unicodedata.category(one) == "Cc", "\0\n\r\t\x1f\x7f\x85"),
    "a quote": (lambda one: one in "'\"`", "'\"`"),
    "a wildcard": (lambda one: one in "*?[", "*?["),
    "a percent sign": (lambda one: one == "%", "%"),
    "an underscore": (lambda one: one == "_", "_"),
    "a hyphen": (lambda one: one == "-", "-"),
    "a colon": (lambda one: one == ":", ":"),
    "a brace or a dollar sign": (lambda one: one in "{}$", "{}$"),
}
"""Classes of characters: which one is of it, and some that are."""

WHOLE: Mapping[str, tuple[Test, tuple[str, ...]]] = {
    "digits alone": (lambda text: text.isascii() and text.isdigit(), ("7", "42", "2024", "0")),
    "digits after a zero": (lambda text: text.isascii() and text.isdigit() and text[0] == "0", ("007", "01", "0")),
    "empty": (lambda text: not text, ("",)),
    "a single character": (lambda text: len(text) == 1, PLAIN),
    "dots alone": (lambda text: bool(text) and not text.strip("."), ("...", ".")),
    "white space alone": (lambda text: bool(text) and not text.strip(), (" ", "\t", "  ")),
    "the name of a device": (
        lambda text: text.lower() in ("con", "nul", "aux", "prn", "com1"),
        ("nul", "CON", "aux", "com1"),
    ),
}
"""Classes of whole elements: which one is of it, and some that are."""

POSITIONS: Mapping[str, int | None] = {"the first": 0, "the second": 1, "the last": -1, "an": None}

WHERE: Mapping[str, tuple[Callable[[str, Test], bool], str]] = {
    "begins with": (lambda text, test: bool(text) and test(text[0]), "{}b"),
    "ends with": (lambda text, test: bool(text) and test(text[-1]), "b{}"),
    "contains": (lambda text, test: any(map(test, text)), "b{}c"),
}
"""Where in an element a character stands: whether it does, and an element in which it is to be filled."""


@attrs.frozen
class Element:
    """An element of the key, at a position, has a character of a class somewhere, or is of a class (`is`)."""

    which: str
    position: str
    where: str
    what: str
    kind: ClassVar[str] = "key"

    def _has(self, element: str) -> bool:
        if self.where == "is":
            return WHOLE[self.what][0](element)
        return WHERE[self.where][0](element, CHARACTERS[self.what][0])

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        key, number = key_of(call, self.which), POSITIONS[self.position]
        if number is None:
            return any(map(self._has, key))
        return len(key) > number and bool(key) and self._has(key[number])

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan with a key that meets it."""
        if self.where == "is":
            element = rng.choice(WHOLE[self.what][1])
        else:
            element = WHERE[self.where][1].format(rng.choice(CHARACTERS[self.what][1]))
        number = POSITIONS[self.position] or 0
        key = list(plain_key(rng, 2))
        key[number] = element
        return plan.with_key(self.which, tuple(key) if number or rng.random() < 0.7 else (element,))

    def __str__(self) -> str:
        of = "" if self.which == "key" else " of dest"
        return f"{self.position} element{of} {self.where} {self.what}"


@attrs.frozen
class LongElement:
    """An element of the key has more than so many characters."""

    which: str
    than: int
    kind: ClassVar[str] = "key"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        return any(len(element) > self.than for element in key_of(call, self.which))

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan with a key that meets it."""
        element = rng.choice(PLAIN) * (self.than + 1)
        return plan.with_key(self.which, rng.choice(((element,), ("a", element))))

    def __str__(self) -> str:
        return f"an element of {self.which} has more than {self.than:,} characters"


@attrs.frozen
class ManyElements:
    """The key has more than so many elements."""

    which: str
    than: int
    kind: ClassVar[str] = "key"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        return len(key_of(call, self.which)) > self.than

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan with a key that meets it."""
        return plan.with_key(self.which, tuple(rng.choice(PLAIN) for _ in range(self.than + 1)))

    def __str__(self) -> str:
        return f"{self.which} has more than {self.than} elements"


@attrs.frozen
class EqualNeighbours:
    """An element of the key is equal to the one before it."""

    which: str
    kind: ClassVar[str] = "key"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        key = key_of(call, self.which)
        return any(left == right for left, right in itertools.pairwise(key))

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan with a key that meets it."""
        return plan.with_key(self.which, (rng.choice(PLAIN),) * 2)

    def __str__(self) -> str:
        return f"two elements of {self.which} that follow one another are equal"


TRANSFORMATIONS: Mapping[str, tuple[Callable[[Key], object], tuple[Key, Key]]] = {
    "but for case": (lambda key: tuple(map(str.casefold, key)), (("Abc", "d"), ("abc", "d"))),
    "but for white space around elements": (lambda key: tuple(map(str.strip, key)), (("a", "b "), ("a", "b"))),
    "in normal form C": (lambda key: tuple(map(_composed, key)), (("\u00e9",), ("e\u0301",))),
    "in normal form KC": (lambda key: tuple(map(_compatible, key)), (("\ufb01",), ("fi",))),
    "joined by a slash": ("/".join, (("a", "b"), ("a/b",))),
    "joined by a dot": (".".join, (("a", "b"), ("a.b",))),
    "joined by a hyphen": ("-".join, (("a", "b", "c"), ("a-b", "c"))),
    "joined by nothing": ("".join, (("a", "bc"), ("ab", "c"))),
    "but for empty elements": (lambda key: tuple(filter(None, key)), (("a", "", "b"), ("a", "b"))),
    "but for dots at the end": (lambda key: tuple(one.rstrip(".") for one in key), (("a.",), ("a",))),
    "but for the order of elements": (lambda key: tuple(sorted(key)), (("a", "b"), ("b", "a"))),
    "but for repeated elements": (lambda key: tuple(dict.fromkeys(key)), (("a", "a", "b"), ("a", "b"))),
    "by the numbers in it": (
        lambda key: tuple(one.lstrip("0") if one.isdigit() else one for one in key),
        (("a", "07"), ("a", "7")),
    ),
    "by its last element": (lambda key: key[-1:], (("a", "x"), ("b", "x"))),
    "but for what is not ASCII": (
        lambda key: tuple(one.encode("ascii", "ignore") for one in key),
        (("a\u00e9",), ("a",)),
    ),
}
"""What two keys may have in common: the transformation that makes them equal, and two such keys."""


def _composed(element: str) -> str:
    return unicodedata.normalize("NFC", element)


def _compatible(element: str) -> str:
    return unicodedata.normalize("NFKC", element)


@attrs.frozen
class Alike:
    """Another stored key is the same once both are transformed."""

    which: str
    how: str
    kind: ClassVar[str] = "key"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        key, change = key_of(call, self.which), TRANSFORMATIONS[self.how][0]
        wanted = change(key)
        return any(other != key and change(other) == wanted for other in scene.stored())

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan with a key that meets it, the other one being stored."""
        pair = list(TRANSFORMATIONS[self.how][1])
        rng.shuffle(pair)
        return plan.with_key(self.which, pair[0]).after(Set(pair[1], "of the key that is alike"))

    def __str__(self) -> str:
        return f"another stored key equals {self.which} {self.how}"


@attrs.frozen
class CutAlike:
    """Another stored key has elements that begin with the same so many characters."""

    which: str
    length: int
    kind: ClassVar[str] = "key"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        key = key_of(call, self.which)
        wanted = self._cut(key)
        return any(other != key and self._cut(other) == wanted for other in scene.stored())

    def _cut(self, key: Key) -> Key:
        return tuple(element[: self.length] for element in key)

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan with a key that meets it, the other one being stored."""
        same = "n" * self.length
        return plan.with_key(self.which, (f"{same}1",)).after(Set((f"{same}2",), "of the key that is alike"))

    def __str__(self) -> str:
        return f"another stored key equals {self.which} in the first {self.length} characters of each element"


KeyPart = Element | LongElement | ManyElements | EqualNeighbours | Alike | CutAlike


def key_of(call: Call, which: str) -> Key:
    """The key of a call, or its dest; () where there is none."""
    return (call.dest if which == "dest" else call.key) or ()


def drawn_key_part(which: str, rng: random.Random) -> KeyPart:
    """A part of a trigger about the key, or dest."""
    drawn = rng.random()
    if drawn < 0.35:
        return Element(which, rng.choice(list(POSITIONS)), rng.choice(list(WHERE)), rng.choice(list(CHARACTERS)))
    if drawn < 0.5:
        return Element(which, rng.choice(list(POSITIONS)), "is", rng.choice(list(WHOLE)))
    if drawn < 0.6:
        return LongElement(which, somewhat(rng, 4096))
    if drawn < 0.68:
        return ManyElements(which, somewhat(rng, 64))
    if drawn < 0.73:
        return EqualNeighbours(which)
    if drawn < 0.78:
        return CutAlike(which, somewhat(rng, 300))
    return Alike(which, rng.choice(list(TRANSFORMATIONS)))
