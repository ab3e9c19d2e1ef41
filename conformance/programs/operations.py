"""An operation is a value; a program is a tuple of operations; performing one gives an outcome.

Everything in the kit is a function over these values: generation makes programs, a session runs one in
lock-step with the reference, the minimizer shortens one, a script prints one.
"""

import ast
import copy
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeAlias

import attrs

from conformance.system.clocks import move_ahead
from spec_store import Key

EXTRA: Mapping[str, Any] = {"content_type": "text/plain", "unknown_option": True}
"""Keyword arguments that no backend knows (SET-6)."""


def passed(value: Any) -> Any:
    """The object handed to a backend for `value`: a copy where it could be changed, so that programs stay values."""
    return value if isinstance(value, str | bytes) else copy.deepcopy(value)


@attrs.frozen
class Get:
    """`backend.get(key)`"""

    key: Key
    name: ClassVar[str] = "get"
    writes: ClassVar[bool] = False

    def on(self, backend: Any) -> Any:
        return backend.get(self.key)

    @property
    def keys(self) -> tuple[Key, ...]:
        return (self.key,)


@attrs.frozen
class HasKey:
    """`backend.has_key(key)`"""

    key: Key
    name: ClassVar[str] = "has_key"
    writes: ClassVar[bool] = False

    def on(self, backend: Any) -> Any:
        return backend.has_key(self.key)

    @property
    def keys(self) -> tuple[Key, ...]:
        return (self.key,)


@attrs.frozen
class ListKeys:
    """`backend.list_keys(prefix)`"""

    prefix: Key = ()
    name: ClassVar[str] = "list_keys"
    writes: ClassVar[bool] = False

    def on(self, backend: Any) -> Any:
        return backend.list_keys(self.prefix) if self.prefix else backend.list_keys()

    @property
    def keys(self) -> tuple[Key, ...]:
        return ()


@attrs.frozen
class RemoveKey:
    """`backend.remove_key(key)`"""

    key: Key
    name: ClassVar[str] = "remove_key"
    writes: ClassVar[bool] = True

    def on(self, backend: Any) -> Any:
        return backend.remove_key(self.key)

    @property
    def keys(self) -> tuple[Key, ...]:
        return (self.key,)


@attrs.frozen
class Move:
    """`backend.move(source, dest)`, with keyword arguments that nobody knows if `extra`."""

    source: Key
    dest: Key
    extra: bool = False
    name: ClassVar[str] = "move"
    writes: ClassVar[bool] = True

    def on(self, backend: Any) -> Any:
        return backend.move(self.source, self.dest, **(EXTRA if self.extra else {}))

    @property
    def keys(self) -> tuple[Key, ...]:
        return (self.source, self.dest)


@attrs.frozen
class _Write:
    """What set, add, update and add_or_update have in common."""

    key: Key
    value: Any
    extra: bool = False
    name: ClassVar[str] = ""
    writes: ClassVar[bool] = True

    def on(self, backend: Any) -> Any:
        method = getattr(backend, self.name)
        return method(self.key, passed(self.value), **(EXTRA if self.extra else {}))

    @property
    def keys(self) -> tuple[Key, ...]:
        return (self.key,)


@attrs.frozen
class Set(_Write):
    """`backend.set(key, value)`"""

    name: ClassVar[str] = "set"


@attrs.frozen
class Add(_Write):
    """`backend.add(key, value)`"""

    name: ClassVar[str] = "add"


@attrs.frozen
class Update(_Write):
    """`backend.update(key, value)`"""

    name: ClassVar[str] = "update"


@attrs.frozen
class AddOrUpdate(_Write):
    """`backend.add_or_update(key, value)`"""

    name: ClassVar[str] = "add_or_update"


@attrs.frozen
class GetAll:
    """`backend.get_all()`"""

    name: ClassVar[str] = "get_all"
    writes: ClassVar[bool] = False

    def on(self, backend: Any) -> Any:
        return backend.get_all()

    @property
    def keys(self) -> tuple[Key, ...]:
        return ()


@attrs.frozen
class SetMany:
    """`count` keys below `parent`, `(*parent, "0000")` and on, each set to its own number: past a page of a listing."""

    parent: Key
    count: int
    name: ClassVar[str] = "set_many"
    writes: ClassVar[bool] = True

    def on(self, backend: Any) -> Any:
        for key, value in self.items():
            backend.set(key, value)

    def items(self) -> list[tuple[Key, str]]:
        return [((*self.parent, f"{number:05}"), str(number)) for number in range(self.count)]

    @property
    def keys(self) -> tuple[Key, ...]:
        return ()


@attrs.frozen
class ReadId:
    """`backend.store_backend_id`"""

    name: ClassVar[str] = "store_backend_id"
    writes: ClassVar[bool] = False

    def on(self, backend: Any) -> Any:
        return backend.store_backend_id

    @property
    def keys(self) -> tuple[Key, ...]:
        return ()


@attrs.frozen
class Reopen:
    """Leave the backend and open another on the same place, in this process."""

    name: ClassVar[str] = "reopen"
    writes: ClassVar[bool] = True

    def on(self, backend: Any) -> Any:
        raise NotImplementedError("a session opens backends; an operation cannot")

    @property
    def keys(self) -> tuple[Key, ...]:
        return ()


@attrs.frozen
class Switch:
    """Go on with the other of two backends on the same place; the first time, open it: both stay open."""

    name: ClassVar[str] = "switch"
    writes: ClassVar[bool] = True

    def on(self, backend: Any) -> Any:
        raise NotImplementedError("a session opens backends; an operation cannot")

    @property
    def keys(self) -> tuple[Key, ...]:
        return ()


@attrs.frozen
class Wait:
    """Nothing is done for so many seconds: the clocks of the process are moved ahead, or, `really`, they are waited."""

    seconds: float
    really: bool = False
    name: ClassVar[str] = "wait"
    writes: ClassVar[bool] = False

    def on(self, backend: Any) -> Any:
        (time.sleep if self.really else move_ahead)(self.seconds)

    @property
    def keys(self) -> tuple[Key, ...]:
        return ()


OPENS = (Reopen, Switch)
"""What is no call on a backend, but says which one is called from then on."""

Operation: TypeAlias = (
    Get
    | HasKey
    | ListKeys
    | RemoveKey
    | Move
    | Set
    | Add
    | Update
    | AddOrUpdate
    | GetAll
    | SetMany
    | ReadId
    | Reopen
    | Switch
    | Wait
)
WRITES = (Set, Add, Update, AddOrUpdate)
Program: TypeAlias = tuple[Operation, ...]

BY_NAME: Mapping[str, type[Operation]] = {
    cls.name: cls for cls in (*WRITES, Get, HasKey, ListKeys, RemoveKey, Move, GetAll, SetMany, ReadId, *OPENS, Wait)
}
"""Every kind of operation, by its name."""


def encode_operation(operation: Operation) -> str:
    """An operation as one line of text, for another process of this version of the kit."""
    fields = [getattr(operation, field.name) for field in attrs.fields(type(operation))]
    return f"{operation.name} {fields!r}"


def decode_operation(line: str) -> Operation:
    """The operation of a line; a value that has no literal is told by its repr instead."""
    name, _, fields = line.partition(" ")
    try:
        return BY_NAME[name](*ast.literal_eval(fields))
    except (ValueError, SyntaxError):
        # Only a write has such a value, after its key, the one part that a search for what ended the process needs.
        key: Key = ast.literal_eval(fields[1 : fields.index(")") + 1])
        return Set(key, fields)


def map_keys(operation: Operation, change: Callable[[Key], Key]) -> Operation:
    """The same operation with `change` applied to every key in it, a prefix and a parent included."""
    if isinstance(operation, Move):
        return attrs.evolve(operation, source=change(operation.source), dest=change(operation.dest))
    if isinstance(operation, ListKeys):
        return attrs.evolve(operation, prefix=change(operation.prefix))
    if isinstance(operation, Get | HasKey | RemoveKey | Set | Add | Update | AddOrUpdate):
        return attrs.evolve(operation, key=change(operation.key))
    return operation


def keys_in(program: Program) -> tuple[Key, ...]:
    """Every key and prefix that a program names, each once, in order of first use."""
    found: dict[Key, None] = {}
    for operation in program:
        for key in operation.keys:
            found.setdefault(key)
        if isinstance(operation, ListKeys):
            found.setdefault(operation.prefix)
    return tuple(found)
