"""What came of an operation, as a value: it returned, it raised, or it hung."""

import ast
from typing import Any, TypeAlias

import attrs

PLAIN_KEYS = frozenset({str, bytes})
"""Types to which no value of another type is equal."""

SPECIFIED_KINDS = frozenset({"InvalidKeyError", "StoreBackendError", "StoreError", "TypeError", "ValueError"})
"""Exception names with a meaning in the specification, looked for along the MRO."""

REFUSALS = frozenset({"InvalidKeyError", "StoreBackendError", "TypeError", "ValueError"})
"""Kinds that a refusal of a key may have (KEY-5)."""

VALUE_REFUSALS = frozenset({"StoreBackendError", "TypeError"})
"""Kinds that a refusal of a value may have (SET-4)."""


def kind_of(error: BaseException) -> str:
    """The name by which the specification knows an exception: the first known name on its MRO, or its own."""
    for cls in type(error).__mro__:
        if cls.__name__ in SPECIFIED_KINDS:
            return cls.__name__
    return type(error).__name__


@attrs.frozen
class Returned:
    """The operation returned `value`."""

    value: Any

    def __str__(self) -> str:
        return f"returned {short(self.value)}"


@attrs.frozen
class Raised:
    """The operation raised; two outcomes are equal if their `kind` is, whatever the text."""

    kind: str
    text: str = attrs.field(default="", eq=False)
    error: BaseException | None = attrs.field(default=None, eq=False, repr=False)

    def __str__(self) -> str:
        return f"raised {self.text or self.kind}"


@attrs.frozen
class Hung:
    """The operation had not ended after `seconds`; or it had blocked for so long when it raised `text`."""

    seconds: float = attrs.field(eq=False)
    text: str = attrs.field(default="", eq=False)

    def __str__(self) -> str:
        if self.text:
            return f"blocked for {self.seconds:.0f} s, then raised {self.text}"
        return f"did not return within {self.seconds:g} s"


@attrs.frozen
class Died:
    """The operation ended the interpreter itself; `text` says how."""

    text: str = attrs.field(eq=False)

    def __str__(self) -> str:
        return f"ended the Python process ({self.text})"


Outcome: TypeAlias = Returned | Raised | Hung | Died


def raised(error: BaseException) -> Raised:
    """The outcome of an operation that raised `error`. A `str()` that fails itself is survived."""
    try:
        text = str(error)
    except Exception:
        text = "<its text cannot be shown>"
    name = type(error).__name__
    return Raised(kind_of(error), short_text(f"{name}: {text}" if text else name), error)


# As text and back: from one process to another


def encode_outcome(outcome: Outcome) -> str:
    """An outcome as one line of ASCII, from which `decode_outcome` makes it again but for the exception itself."""
    match outcome:
        case Returned(value=value):
            return f"returned {value!a}"
        case Raised(kind=kind, text=text):
            return f"raised {(kind, text)!a}"
        case Hung(seconds=seconds):
            return f"hung {seconds!a}"
        case Died(text=text):
            return f"died {text!a}"


def decode_outcome(line: str) -> Outcome:
    """The outcome that a line says; a value that is no literal stays as its repr."""
    verb, _, text = line.partition(" ")
    if verb == "returned":
        try:
            return Returned(ast.literal_eval(text))
        except (ValueError, SyntaxError):
            return Returned(text)
    value = ast.literal_eval(text)
    return Raised(*value) if verb == "raised" else Hung(value) if verb == "hung" else Died(value)


def same(left: object, right: object) -> bool:
    """Equal and of the same type, as GET-1 wants it, and so is all that they consist of.

    To `==`, 1 is True and -0.0 is 0.0, in a list as well, and a nan is not even itself. A comparison that fails is a
    difference.
    """
    if type(left) is not type(right):
        return False
    try:
        return _same(left, right)
    except Exception:
        return False


def _same(left: Any, right: Any) -> bool:
    """Whether two values of one type are the same; the containers of Python are looked into, not those made of them."""
    kind = type(left)
    if kind is float:
        return bool(repr(left) == repr(right))  # of each float another one, but of all nan the same
    if kind is list or kind is tuple:
        return len(left) == len(right) and all(map(same, left, right))
    if kind is set or kind is frozenset:
        return len(left) == len(right) and all(any(same(one, other) for other in right) for one in left)
    if kind is dict:
        return len(left) == len(right) and all(_has_item(right, key, value) for key, value in left.items())
    return bool(left == right)


def _has_item(items: dict[Any, Any], key: object, value: object) -> bool:
    """Whether a dict has a key of this type, with the same value; 1 and True are one key to it."""
    if key in items and same(items[key], value):
        return type(key) in PLAIN_KEYS or any(same(key, other) for other in items)
    return key != key and any(same(key, other) and same(items[other], value) for other in items)


def alike(left: object, right: object) -> bool:
    """Whether nobody can tell two values apart: they are the same, or of one type that has no `==` of its own.

    A backend that makes a new object at each read, and wrongly, has given the same as before for all that can be said.
    """
    return same(left, right) or (type(left) is type(right) and type(left).__eq__ is object.__eq__)


def told(value: object) -> str:
    """The repr of a value, which tells it from others; where it has none of its own, the name of its type."""
    return type(value).__qualname__ if type(value).__repr__ is object.__repr__ else repr(value)


def short_text(text: str, limit: int = 160) -> str:
    """`text` on one line, its middle left out past `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 45]} ... {line[-40:]}"


def short(value: object, limit: int = 120) -> str:
    """The repr of a value, its middle left out past `limit` characters; never raises."""
    try:
        text = repr(value)
    except Exception:
        text = f"<{type(value).__name__} whose repr fails>"
    if len(text) <= limit:
        return text
    size = f" ({len(value)} long)" if isinstance(value, str | bytes | list | tuple | dict) else ""
    return f"{text[: limit - 30]}...{text[-20:]}{size}"
