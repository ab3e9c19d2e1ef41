"""Values as Python source, for scripts: whatever a backend gives or is given has to be written there as an expression.

a value                                         how it is written
----------------------------------------------  ----------------------------------------------
text or bytes that repeat themselves            as a product: ("ab" * 20_000)
a list, tuple, set, dict of exactly that class  its parts, each as here
another value whose repr is a literal           that
an object that can be pickled, and is found     by the code that makes it again: pickle.loads(...)
any other object                                one of a class of that name, to which nothing is equal
"""

import ast
import pickle
from typing import Any

import attrs

LONG = 120
"""The length of text from which on it is written as a product, where it repeats itself."""

LONGEST_PERIOD = 16


def written(value: Any) -> str:
    """A value as a Python expression; it may name `pickle`, which a script has to import then."""
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
    if len(value) <= LONG:
        return repr(value)
    for period in range(1, LONGEST_PERIOD + 1):
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
    try:
        data = pickle.dumps(value, protocol=4)
        pickle.loads(data)
    except Exception:
        return f"type({type(value).__name__!r}, (), {{}})()"
    return f"pickle.loads({data!r})"


def _is_literal(text: str, value: Any) -> bool:
    try:
        again = ast.literal_eval(text)
        return type(again) is type(value) and bool(again == value)
    except Exception:
        return False
