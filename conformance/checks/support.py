"""What directed checks share: calls as comparable text, keys that a backend takes, warnings, failing storage.

These are plain functions, for their source is printed in the scripts of counterexamples. So annotations are
quoted (a script does not import their names), and no function here is decorated or calls itself.
"""

import contextlib
import logging
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
NO_KEY = "the backend stores none of the plain keys tried, of one to five elements"


def kind(error: BaseException) -> str:
    """The name by which the specification knows an exception, whatever framework it is from."""
    return next((cls.__name__ for cls in type(error).__mro__ if cls.__name__ in KINDS), type(error).__name__)


def is_a(error: BaseException, name: str) -> bool:
    """Whether an exception is one called `name`, or of a subclass of it."""
    return any(cls.__name__ == name for cls in type(error).__mro__)


def outcome(function: "Callable[..., Any]", *arguments: object, **keywords: object) -> str:
    """What came of a call: "returned 'x'" or "raised InvalidKeyError"."""
    try:
        return f"returned {function(*arguments, **keywords)!r}"
    except Exception as error:
        return f"raised {kind(error)}"


def listed(backend: "Any") -> "list[Any]":
    """The keys that the backend lists, in order."""
    return sorted(backend.list_keys())


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


def plain_keys(backend: "Any") -> "list[Key]":
    """Three keys that the backend takes, of as many elements as it wants; none if it takes no plain key.

    To find out, a fourth key, of "probe", is set to "0" and stays.
    """
    for length in range(1, 6):
        parents = ("a",) * (length - 1)
        with contextlib.suppress(Exception):
            backend.set((*parents, "probe"), "0")
            return [(*parents, "one"), (*parents, "two"), (*parents, "three")]
    return []


def unsteady(backend: "Any") -> bool:
    """Whether two reads of the id differ, which ID-1 is about and nothing else."""
    return outcome(getattr, backend, "store_backend_id") != outcome(getattr, backend, "store_backend_id")


def leave(backend: "Any") -> None:
    """Close a backend that can be closed."""
    close = getattr(backend, "close", None)
    if callable(close):
        close()


def warned(function: "Callable[[], Any]") -> "tuple[Any, list[str]]":
    """What a call returns, and the warnings that it gives: through logging, whatever its settings, or `warnings`.

    Not those that Python gives of code itself: of a file that somebody left open, whenever it is collected, or of what
    is deprecated.
    """
    of_code = (ResourceWarning, DeprecationWarning, PendingDeprecationWarning)
    logged: list[str] = []
    with (
        mock.patch.object(logging.Logger, "isEnabledFor", lambda _logger, level: level >= logging.WARNING),
        mock.patch.object(logging.Logger, "handle", lambda _logger, record: logged.append(str(record.msg))),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        value = function()
    return value, [*logged, *(str(warning.message) for warning in caught if not issubclass(warning.category, of_code))]


def failing(
    backend: "Any", names: "Iterable[str]", error: Exception, function: "Callable[[], Any]"
) -> "tuple[Any, int]":
    """What a call returns while these methods of the backend's class raise `error`, and how often they did."""
    methods = []
    with contextlib.ExitStack() as stack:
        for name in names:
            if hasattr(type(backend), name):
                method = mock.Mock(side_effect=error)
                stack.enter_context(mock.patch.object(type(backend), name, method))
                methods.append(method)
        value = function()
    return value, sum(method.call_count for method in methods)
