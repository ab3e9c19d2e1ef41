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
    ReadId,
    RemoveKey,
    Reopen,
    SetMany,
)
from conformance.programs.outcomes import short


def call(operation: Operation) -> str:
    """An operation as a call on `backend`, values shortened."""
    match operation:
        case Reopen():
            return "backend = open_backend(place)"
        case ListKeys(prefix=prefix) if prefix:
            return f"backend.list_keys({prefix!r})"
        case SetMany(parent=parent, count=count):
            return f"{count} times backend.set({(*parent, '<number>')!r}, '<number>')"
    return method_call(operation, short)


def method_call(operation: Operation, shown: Callable[[Any], str]) -> str:
    """An operation that is one call on `backend`, its keys and values written as `shown` writes them.

    Raises:
        TypeError: it is not one call (Reopen, SetMany).
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


LONG_LITERAL = 120


def source_call(operation: Operation) -> str:
    """An operation as a call on `backend`, in Python source."""
    return method_call(operation, source)


def source(value: Any) -> str:
    """A value as Python source; a long text that repeats itself as a product."""
    if isinstance(value, tuple) and any(isinstance(one, str) and len(one) > LONG_LITERAL for one in value):
        return "(" + "".join(f"{source(one)}, " for one in value).rstrip() + ")"
    if not isinstance(value, str) or len(value) <= LONG_LITERAL:
        return repr(value)
    for period in range(1, 17):
        repeated = value[:period] * (len(value) // period + 1)
        if repeated[: len(value)] == value:
            times = -(-len(value) // period)
            cut = f"[:{len(value)}]" if len(value) % period else ""
            return f"({value[:period]!r} * {times}){cut}"
    return repr(value)
