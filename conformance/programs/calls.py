"""An operation as a call on `backend`: as Python source, or shortened for a reader."""

from collections.abc import Callable
from typing import Any

from conformance.programs.operations import (
    EXTRA,
    WRITES,
    Get,
    GetAll,
    HasKey,
    ListKeys,
    Move,
    Operation,
    Program,
    ReadId,
    RemoveKey,
    Reopen,
    SetMany,
    Switch,
    Wait,
)
from conformance.programs.outcomes import short

HOUR, YEAR = 3600.0, 366 * 24 * 3600.0
"""Seconds that have a name."""


def call(operation: Operation) -> str:
    """An operation as a call on `backend`, values shortened."""
    match operation:
        case Reopen():
            return "backend = open_backend(place)"
        case Switch():
            return "backend, other = other, backend"
        case Wait(seconds=seconds, really=really):
            return f"time.sleep({seconds:g})" if really else f"move_ahead({seconds:.0f})  # {told_seconds(seconds)}"
        case ListKeys(prefix=prefix) if prefix:
            return f"backend.list_keys({prefix!r})"
        case SetMany(parent=parent, count=count):
            return f"{count} times backend.set({(*parent, '<number>')!r}, '<number>')"
    return method_call(operation, short)


def told_seconds(seconds: float) -> str:
    """What the clocks say has passed, in words: "the clocks of the process say that an hour has passed"."""
    words = {HOUR: "an hour has", YEAR: "a year has"}.get(seconds, f"{seconds:g} seconds have")
    return f"the clocks of the process say that {words} passed"


def program_calls(program: Program) -> list[str]:
    """The operations of a program; the first time that it goes on with another backend, that one is opened."""
    calls = [call(operation) for operation in program]
    if Switch() in program:
        calls[program.index(Switch())] = "backend, other = open_backend(place), backend"
    return calls


def method_call(operation: Operation, shown: Callable[[Any], str]) -> str:
    """An operation that is one call on `backend`, its keys and values written as `shown` writes them.

    Raises:
        TypeError: it is not one call (Reopen, Switch, SetMany, Wait).
    """
    extra = _extra(operation)
    match operation:
        case ReadId():
            return "backend.store_backend_id"
        case GetAll():
            return "backend.get_all()"
        case ListKeys(prefix=prefix):
            return f"backend.list_keys({shown(prefix)})" if prefix else "backend.list_keys()"
        case Move(source=start, dest=dest):
            return f"backend.move({shown(start)}, {shown(dest)}{extra})"
        case Get(key=key) | HasKey(key=key) | RemoveKey(key=key):
            return f"backend.{operation.name}({shown(key)})"
    if isinstance(operation, WRITES):
        return f"backend.{operation.name}({shown(operation.key)}, {shown(operation.value)}{extra})"
    raise TypeError(f"no single call for {operation!r}")


def _extra(operation: Operation) -> str:
    return "".join(f", {name}={value!r}" for name, value in EXTRA.items()) if getattr(operation, "extra", False) else ""
