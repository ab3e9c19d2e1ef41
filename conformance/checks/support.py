"""What directed checks share: calls as comparable text, keys that a backend takes, warnings, failing storage.

These are plain functions, for their source is printed in the scripts of counterexamples. So annotations are
quoted (a script does not import their names), and no function here is decorated or calls itself.
"""

import asyncio
import contextlib
import inspect
import logging
import re
import uuid
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from unittest import mock

Key = tuple[str, ...]

ID_KEY = (".ge_store_backend_id",)
PREFIX = "store_backend_id = "
INVALID = "00000000-0000-0000-0000-00000000e003"
KINDS = ("InvalidKeyError", "StoreBackendError", "StoreError", "TypeError", "ValueError")
UNSTEADY = "the id is another one at each read"
NO_KEY = "the backend stores none of the plain keys tried"


def kind(error: BaseException) -> str:
    """The name by which the specification knows an exception, whatever framework it is from."""
    return next((cls.__name__ for cls in type(error).__mro__ if cls.__name__ in KINDS), type(error).__name__)


def is_a(error: BaseException, name: str) -> bool:
    """Whether an exception is one called `name`, or of a subclass of it."""
    return any(cls.__name__ == name for cls in type(error).__mro__)


def told(value: object) -> str:
    """A value as text, to be compared: an id whatever its class, and an object without a repr of its own by its class.

    A UUID of a subclass is a UUID. Where an object is in memory is no matter of the store: two objects that differ by
    that alone are told alike, for that they are not equal to what was stored is another requirement's (GET-1).
    """
    plain = uuid.UUID(int=value.int) if isinstance(value, uuid.UUID) else value
    return re.sub(r" at 0x[0-9a-fA-F]+>", ">", repr(plain))


def outcome(function: "Callable[..., Any]", *arguments: object, **keywords: object) -> str:
    """What came of a call: "returned 'x'" or "raised InvalidKeyError"."""
    try:
        return f"returned {told(function(*arguments, **keywords))}"
    except Exception as error:
        return f"raised {kind(error)}"


def listed(backend: "Any") -> "list[Any]":
    """The keys that the backend lists, in order; a tuple of a subclass is a tuple."""
    return sorted(tuple(key) if isinstance(key, tuple) else key for key in backend.list_keys())


def observed(backend: "Any", *keys: "Key") -> list[str]:
    """All that get and has_key of these keys and list_keys answer, for a comparison."""
    answers = [f"list_keys() {outcome(listed, backend)}"]
    for key in keys:
        answers += [f"get({key!r}) {outcome(backend.get, key)}", f"has_key({key!r}) {outcome(backend.has_key, key)}"]
    return answers


def shown(text: str) -> str:
    """`text`, its middle left out if it is long."""
    return text if len(text) <= 300 else f"{text[:200]} ... {text[-60:]}"


def expect(call: str, expected: str, actual: str) -> None:
    """Raise unless what came of a call is what was expected."""
    if actual != expected:
        raise AssertionError(f"expected that {call} {shown(expected)}, came: it {shown(actual)}")


def unchanged(before: "Sequence[str]", after: "Sequence[str]", by: str) -> None:
    """Raise if an observation answers otherwise than before."""
    for old, new in zip(before, after, strict=True):
        if old != new:
            raise AssertionError(f"expected that {by} changes nothing ({shown(old)}), came: {shown(new)}")


def plain_keys(open_backend: "Callable[..., Any]", backend: "Any") -> "list[Key]":
    """Three keys that the backend takes: as its author claims, else of as many elements as it wants; none if none.

    To find out, one more key is set to "0" and stays.

    Args:
        open_backend: has what is claimed in its attribute `keys`, four keys, if anything is.
        backend: what is to take them.
    """
    claimed = getattr(open_backend, "keys", ())
    names = ("probe", "one", "two", "three")
    tried = [claimed] if claimed else [[(*("a",) * more, name) for name in names] for more in range(5)]
    for probe, *keys in tried:
        with contextlib.suppress(Exception):
            backend.set(probe, "0")
            return keys
    return []


def unsteady(backend: "Any") -> bool:
    """Whether two reads of the id differ, which ID-1 is about and nothing else."""
    return outcome(getattr, backend, "store_backend_id") != outcome(getattr, backend, "store_backend_id")


def leave(backend: "Any") -> None:
    """Close a backend that can be closed: by close, else by aclose, else as the end of a with statement would.

    What that raises says nothing of the specification.
    """
    with contextlib.suppress(Exception):
        left = None
        if callable(getattr(backend, "close", None)):
            left = backend.close()
        elif callable(getattr(backend, "aclose", None)):
            left = backend.aclose()
        elif hasattr(type(backend), "__exit__"):
            type(backend).__exit__(backend, None, None, None)
        if inspect.iscoroutine(left):
            asyncio.run(left)


def warned(function: "Callable[[], Any]") -> "tuple[Any, list[tuple[str, str]]]":
    """What a call returns, and the warnings that it gives: through logging, whatever its settings, or `warnings`.

    Each warning is its text and where in the code it is given. Not those that Python gives of code itself: of a file
    that somebody left open, whenever it is collected, or of what is deprecated.
    """
    of_code = (ResourceWarning, DeprecationWarning, PendingDeprecationWarning)
    given: list[tuple[str, str]] = []

    def note(_logger: logging.Logger, record: logging.LogRecord) -> None:
        given.append((str(record.msg), f"{record.name}, {record.pathname}:{record.lineno}"))

    with (
        mock.patch.object(logging.Logger, "isEnabledFor", lambda _logger, level: level >= logging.WARNING),
        mock.patch.object(logging.Logger, "handle", note),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        value = function()
    of_backend = [warning for warning in caught if not issubclass(warning.category, of_code)]
    return value, [*given, *((str(one.message), f"{one.filename}:{one.lineno}") for one in of_backend)]


def warns(given: "Sequence[tuple[str, str]]", usual: "Sequence[tuple[str, str]]") -> bool:
    """Whether one of these warnings can be about the id: the backend does not warn so, or as often, where all is well.

    Args:
        given: the warnings, with where they are given.
        usual: those of the same operations on a store with a valid id: a driver may warn of each request.
    """
    return len(given) > len(usual) or not {text for text, _ in given} <= {text for text, _ in usual}


def unusual(given: "Sequence[tuple[str, str]]", usual: "Sequence[tuple[str, str]]") -> "list[str]":
    """The texts of the warnings that are about the id, by both their text and where they are given."""
    texts, places = {text for text, _ in usual}, {place for _, place in usual}
    return [text for text, place in given if text not in texts and place not in places]


def failing(
    backend: "Any", names: "Iterable[str]", error: Exception, function: "Callable[[], Any]"
) -> "tuple[Any, int]":
    """What a call returns while these methods of the backend's class raise `error`, and how often they did.

    A backend that hands its attributes on to another object has the methods of that object's class.
    """
    methods = []
    with contextlib.ExitStack() as stack:
        for name in names:
            owner = (
                type(backend)
                if hasattr(type(backend), name)
                else type(getattr(getattr(backend, name, None), "__self__", None))
            )
            if hasattr(owner, name):
                method = mock.Mock(side_effect=error)
                stack.enter_context(mock.patch.object(owner, name, method))
                methods.append(method)
        value = function()
    return value, sum(method.call_count for method in methods)
