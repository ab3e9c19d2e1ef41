"""Parts of triggers that are about a value: the one that is to be stored, or the one that the key of the call has."""

import json
import random
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import attrs

from conformance.faults.generated.calls import NOTHING, WRITES, Call, Scene
from conformance.faults.generated.plans import Plan, somewhat
from conformance.programs.operations import Set
from conformance.programs.outcomes import same

TEXTS: Mapping[str, tuple[Callable[[str], bool], tuple[str, ...]]] = {
    "with a CR": (lambda text: "\r" in text, ("one\r\ntwo", "one\rtwo")),
    "that ends with a newline": (lambda text: text.endswith("\n"), ("one\n", "\n")),
    "that begins with white space": (lambda text: text[:1].isspace(), (" one", "\tone")),
    "that ends with white space": (lambda text: text[-1:].isspace(), ("one ", "one\t")),
    "with a NUL": (lambda text: "\0" in text, ("one\0two", "\0")),
    "with a character beyond ASCII": (lambda text: not text.isascii(), ("\u00e9t\u00e9", "\u540d")),
    "with a character beyond the BMP": (lambda text: any(one > "\uffff" for one in text), ("a \U0001f600",)),
    "of digits alone": (lambda text: text.isascii() and text.isdigit(), ("12", "0", "2024")),
    "of digits after a zero": (lambda text: text.isascii() and text.isdigit() and text[0] == "0", ("007",)),
    "that is JSON": (lambda text: _is_json(text), ('{"a": [1, 2]}', "null", "[ ]")),
    "that is empty": (lambda text: not text, ("",)),
    "of white space alone": (lambda text: bool(text) and not text.strip(), (" ", "\n\n")),
    "with a line separator": (lambda text: not {"\u2028", "\x85", "\x0b"}.isdisjoint(text), ("one\u2028two",)),
    "with a BOM": (lambda text: "\ufeff" in text, ("\ufeffone",)),
    "with a quote": (lambda text: not {"'", '"'}.isdisjoint(text), ("it's", '"one"')),
    "with a backslash": (lambda text: "\\" in text, ("C:\\new", "\\")),
    "with a percent sign": (lambda text: "%" in text, ("100%", "%s")),
    "with a comma": (lambda text: "," in text, ("one,two",)),
    "with an angle bracket or an ampersand": (lambda text: not {"<", "&"}.isdisjoint(text), ("<b>", "a&b")),
    "that reads None, null or NaN": (lambda text: text.lower() in ("none", "null", "nan"), ("None", "NaN")),
}
"""Classes of text: which one is of it, and some that are."""

TYPES: Mapping[str, tuple[Any, ...]] = {
    "bytes": (b"one", b"\0\xff"),
    "int": (7, -(2**70)),
    "float": (1.5,),
    "bool": (True, False),
    "NoneType": (None,),
    "list": ([1, "two"], []),
    "dict": ({"a": 1}, {}),
    "tuple": ((1, 2),),
}
"""Types of values other than text, by name, with some of each; for stores that take any value."""


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def value_of(call: Call, scene: Scene) -> Any:
    """The value of a call: what is to be stored, or else what its key has."""
    return scene.value(call.key) if call.value is NOTHING else call.value


def with_value(plan: Plan, value: Any) -> Plan:
    """The plan with a value for its call; one that stores none finds it under its key."""
    return attrs.evolve(plan, value=value) if plan.name in WRITES else plan.after(Set(plan.key, value))


@attrs.frozen
class Text:
    """The value is text of a class."""

    what: str
    kind: ClassVar[str] = "value"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        value = value_of(call, scene)
        return isinstance(value, str) and TEXTS[self.what][0](value)

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan with a value that meets it."""
        return with_value(plan, rng.choice(TEXTS[self.what][1]))

    def __str__(self) -> str:
        return f"the value is text {self.what}"


@attrs.frozen
class LongText:
    """The value is text of more than so many characters."""

    than: int
    kind: ClassVar[str] = "value"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        value = value_of(call, scene)
        return isinstance(value, str) and len(value) > self.than

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan with a value that meets it."""
        return with_value(plan, ("v" * (self.than // 2 + 1) + " w" * (self.than // 4 + 1))[: self.than + 2] + ".")

    def __str__(self) -> str:
        return f"the value is text of more than {self.than:,} characters"


@attrs.frozen
class AsBefore:
    """The value is what the key has already."""

    kind: ClassVar[str] = "value"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        return call.value is not NOTHING and same(scene.value(call.key), call.value)

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan with the value set before."""
        return plan.after(Set(plan.key, plan.value))

    def __str__(self) -> str:
        return "the value is the one that the key has"


@attrs.frozen
class AsAnothers:
    """The value is what another key has."""

    kind: ClassVar[str] = "value"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        value = value_of(call, scene)
        return value is not NOTHING and any(same(scene.value(other), value) for other in scene.others(call))

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan with another key that has the value."""
        value = rng.choice(("same", "same\n"))
        return with_value(plan, value).after(Set(("another",), value))

    def __str__(self) -> str:
        return "the value is one that another key has"


@attrs.frozen
class OfType:
    """The value is of a type, and no text."""

    name: str
    kind: ClassVar[str] = "value"

    def met(self, call: Call, scene: Scene) -> bool:
        """Whether the call meets it."""
        return type(value_of(call, scene)).__name__ == self.name

    def arranged(self, plan: Plan, rng: random.Random) -> Plan:
        """The plan with a value that meets it."""
        return with_value(plan, rng.choice(TYPES[self.name]))

    def __str__(self) -> str:
        return f"the value is of type {self.name}"


ValuePart = Text | LongText | AsBefore | AsAnothers | OfType


def drawn_value_part(any_type: bool, rng: random.Random) -> ValuePart:
    """A part of a trigger about the value, of a store of any type of value or of text alone."""
    drawn = rng.random()
    if any_type and drawn < 0.5:
        return OfType(rng.choice(list(TYPES)))
    if drawn < 0.2:
        return LongText(somewhat(rng, 2**20))
    if drawn < 0.3:
        return AsBefore()
    if drawn < 0.4:
        return AsAnothers()
    return Text(rng.choice(list(TEXTS)))
