"""Values as Python source, for scripts: whatever a backend gives or is given has to be written there as an expression.

a value                                         how it is written
----------------------------------------------  ----------------------------------------------
text or bytes that repeat themselves            as a product: ("ab" * 20_000)
a list, tuple, set, dict of exactly that class  its parts, each as here
another value whose repr is a literal           that
an object whose repr is a call of its class     that call, of the class in its module: UUID("...")
an object that can be taken apart, and is found a new one of its class, with what it consists of
any other object                                one of a class of that name, to which nothing is equal
"""

import ast
import contextlib
import importlib
from typing import Any

import attrs

LONG_LITERAL = 120
"""The length of text from which on it is written as a product, where it repeats itself."""

LONGEST_REPEATED = 16

NEW_OBJECT = "__newobj__"
"""The function by which copying makes a new object of a class, the first of its arguments."""


def written(value: Any) -> str:
    """A value as a Python expression; it may name `importlib`, which a script has to import then."""
    kind = type(value)
    if kind in (str, bytes):
        return _repeated(value)
    if kind is tuple:
        return f"({''.join(f'{written(one)}, ' for one in value).strip()})" if len(value) == 1 else _inside("()", value)
    if kind is list:
        return _inside("[]", value)
    if kind in (set, frozenset):
        inner = _inside("{}", sorted(value, key=repr)) if value else "set()"
        return inner if kind is set else f"frozenset({inner})"
    if kind is dict:
        return f"{{{', '.join(f'{written(key)}: {written(one)}' for key, one in value.items())}}}"
    if attrs.has(kind) and kind.__module__.startswith("conformance."):
        fields = (f"{one.alias}={written(getattr(value, one.name))}" for one in attrs.fields(kind) if one.init)
        return f"{kind.__name__}({', '.join(fields)})"
    return _plain(value)


def _inside(brackets: str, values: Any) -> str:
    return f"{brackets[0]}{', '.join(map(written, values))}{brackets[1]}"


def _repeated(value: Any) -> str:
    if len(value) <= LONG_LITERAL:
        return repr(value)
    for period in range(1, LONGEST_REPEATED + 1):
        times = -(-len(value) // period)
        if (value[:period] * times)[: len(value)] == value:
            cut = f"[:{len(value)}]" if len(value) % period else ""
            return f"({value[:period]!r} * {times}){cut}"
    return repr(value)


def _plain(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:
        text = f"<{type(value).__name__} whose repr fails>"
    if _is_literal(text, value):
        return text
    if type(value) is float:
        return f"float({text!r})"  # inf, nan
    if type(value) is bytearray:
        return f"bytearray({_repeated(bytes(value))})"
    for source in (_by_repr, _by_parts):
        with contextlib.suppress(Exception):
            expression = source(value)
            if type(eval(expression, {"importlib": importlib})) is type(value):
                return expression
    return f"type({type(value).__name__!r}, (), {{}})()"


def _found(thing: Any) -> str:
    """An expression for a class or a function of a module."""
    if thing.__module__ == "builtins":
        return str(thing.__qualname__)
    return f"importlib.import_module({thing.__module__!r}).{thing.__qualname__}"


def _by_repr(value: Any) -> str:
    """The call that its repr is, as of `UUID('...')`, of the class where it is."""
    name, bracket, arguments = repr(value).partition("(")
    kind = type(value)
    if not bracket or name.rpartition(".")[2] != kind.__name__:
        raise ValueError("no call of its class")
    expression = f"{_found(kind)}({arguments}"
    if eval(expression, {"importlib": importlib}) != value:
        raise ValueError("another one")
    return expression


def _by_parts(value: Any) -> str:
    """A new one with what it consists of, as copying takes it apart."""
    make, arguments, *more = value.__reduce_ex__(2)
    state, *items = [*more, None, None, None][:3]
    if any(item is not None for item in items) or not isinstance(state, dict | None):
        raise ValueError("not of attributes alone")
    if make.__name__ == NEW_OBJECT:
        cls, *arguments = arguments
        making = f"{_found(cls)}.__new__"
        arguments = [_Source(_found(cls)), *arguments]
    else:
        making = _found(make)
    made = f"{making}({', '.join(one.text if isinstance(one, _Source) else written(one) for one in arguments)})"
    return made if not state else f"(lambda made: made.__dict__.update({written(state)}) or made)({made})"


@attrs.frozen
class _Source:
    """Python source amid values."""

    text: str


def _is_literal(text: str, value: Any) -> bool:
    try:
        again = ast.literal_eval(text)
        return type(again) is type(value) and bool(again == value)
    except Exception:
        return False
