"""Whether a backend is synchronous: the interface is, and nothing could be said of coroutines that nobody awaits."""

import contextlib
import functools
import inspect
import re
import warnings
from collections.abc import Callable, Collection, Iterator
from typing import Any

import attrs

from conformance.harness.interface import EXTENDED_METHODS, INTERFACE
from conformance.programs.material import Material
from conformance.programs.operations import (
    Add,
    AddOrUpdate,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Operation,
    ReadId,
    RemoveKey,
    Set,
    Update,
)
from conformance.programs.outcomes import Hung, Outcome, Returned

METHODS = (*INTERFACE, *EXTENDED_METHODS, "is_ignored_key", "build_key", "get_url_for_key")
"""The methods of the interface, those that a backend need not have among them."""

FUNCTIONS = "coroutine functions"
GENERATORS = "asynchronous generator functions"
AWAITABLES = "what returns an awaitable or an asynchronous generator"
UNAWAITED = "coroutines that it does not await"

NEVER_AWAITED = re.compile(r"coroutine '(.+)' was never awaited")


@attrs.define
class Asynchrony:
    """What is asynchronous about a backend: names by what they are, each once, in the order in which they turned up."""

    names: dict[str, dict[str, None]] = attrs.field(factory=dict)

    def add(self, kind: str, name: str) -> None:
        """Note a name, unless it has been noted as something else."""
        if not any(name in names for names in self.names.values()):
            self.names.setdefault(kind, {})[name] = None

    def declarations(self, backend: Any) -> None:
        """Note the methods that `async def` makes asynchronous, also behind a partial or as a callable object."""
        for name in METHODS:
            method = getattr(backend, name, None)
            if _is(inspect.iscoroutinefunction, method):
                self.add(FUNCTIONS, name)
            elif _is(inspect.isasyncgenfunction, method):
                self.add(GENERATORS, name)

    def unawaited(self, names: Collection[str], backend: Any) -> None:
        """Note those of some coroutines that are methods of the backend: others may be anybody's, if it opened."""
        own = {getattr(value, "__qualname__", "") for cls in type(backend).__mro__ for value in vars(cls).values()}
        for name in names:
            if backend is None or name in own:
                self.add(UNAWAITED, name.rpartition(".")[2])

    def __bool__(self) -> bool:
        return bool(self.names)

    def __str__(self) -> str:
        return "; ".join(f"{kind}: {', '.join(names)}" for kind, names in self.names.items())


def _is(kind: Callable[[Any], bool], method: Any) -> bool:
    """Whether a method is of a kind, or what it calls is, where it is a partial or an object."""
    while isinstance(method, functools.partial):
        method = method.func
    return callable(method) and (kind(method) or kind(type(method).__call__))


def require_synchronous(value: Any, what: str) -> Any:
    """The value, unless it is a coroutine or an asynchronous generator.

    Raises:
        TypeError: it is one.
    """
    if inspect.iscoroutine(value) or inspect.isasyncgen(value):
        dismissed(value)
        raise TypeError(f"{what} is a {type(value).__name__}, and the interface is synchronous")
    return value


def dismissed(value: Any) -> bool:
    """Whether a value is an awaitable or an asynchronous generator; a coroutine is closed, so that nobody misses it."""
    if inspect.iscoroutine(value):
        with contextlib.suppress(Exception):
            value.close()
        return True
    return inspect.isawaitable(value) or inspect.isasyncgen(value)


@contextlib.contextmanager
def never_awaited() -> Iterator[list[str]]:
    """The qualified names of the coroutines that end here without having been awaited; complete at the end."""
    names: list[str] = []
    with warnings.catch_warnings(record=True) as messages:
        warnings.simplefilter("always", RuntimeWarning)
        try:
            yield names
        finally:
            for message in messages:
                name = NEVER_AWAITED.match(str(message.message))
                if name is not None:
                    names.append(name[1])


def probe(
    asynchrony: Asynchrony, perform: Callable[[Operation], Outcome], material: Material, avoid: Collection[str]
) -> None:
    """Perform each operation on an empty store and note those that return an awaitable.

    What only reads comes first: where that is asynchronous already, nothing is written.
    """
    one, other, value = material.plain_key(0), material.plain_key(1), material.value(1)
    reads = (HasKey(one), Get(one), ListKeys())
    pairs = (Set(one, value), Move(one, other), RemoveKey(other), Add(one, value), Update(one, value))
    for program in (reads, (*pairs, AddOrUpdate(one, value), GetAll(), ReadId(), RemoveKey(one))):
        for operation in program:
            if operation.name in avoid:
                continue
            outcome = perform(operation)
            if isinstance(outcome, Hung):
                return
            if isinstance(outcome, Returned) and dismissed(outcome.value):
                asynchrony.add(AWAITABLES, operation.name)
        if asynchrony:
            return
