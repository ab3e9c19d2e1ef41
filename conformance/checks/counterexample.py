"""The script of a directed check: its own source, with what it uses, and how to open the backend.

What is gathered is read off the check: its source, and, through the names that its code reads, the source of what it
calls. That works for functions that keep the contract which `Case` states, and for no others.
"""

import functools
import inspect
import re
import textwrap
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import attrs

from conformance.checks.case import Case
from conformance.checks.running import Failed
from conformance.checks.support import leave
from conformance.checks.text_values import speaking_text
from conformance.counterexamples.script import Script, Source, render
from conformance.counterexamples.wording import message_of, tries_line
from conformance.report.evidence import Failure
from conformance.report.verdicts import Counterexample
from conformance.subject.origin import Origin, standalone_opener
from spec_store import Key


@attrs.frozen
class _Parts:
    """What a check's source needs: imports, constants, functions and classes, each in order of need."""

    imports: dict[str, None] = attrs.field(factory=dict)
    constants: dict[str, str] = attrs.field(factory=dict)
    sources: dict[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Plain:
    """What is plain to a backend that does not take everything; empty where it takes plain keys and text.

    Args:
        values: what a backend that takes no text takes instead.
        keys: four keys that it takes.
    """

    values: tuple[Any, ...] = ()
    keys: tuple[Key, ...] = ()


ANYTHING = Plain()


def failure_of_case(
    case: Case, seen: Failed, origin: Origin, plain: Plain = ANYTHING, tries: tuple[int, int] = (1, 1)
) -> Failure:
    """The failure of a directed check.

    Args:
        case: the check.
        seen: what was expected and what came.
        origin: how a script opens the backend.
        plain: as for `script_of_case`.
        tries: in how many of how many runs of the check it failed.
    """
    title = case.title or case.check.__name__.replace("_", " ")
    shown, tried = tries
    told = [tries_line(shown, tried)] if shown < tried else []
    message = message_of(case.requirement, [f"{title}:", seen.text], seen.notes, told)
    found = Counterexample(
        case.operations, message, script_of_case(case, origin, plain), f"{title}: {seen.text}", shown, tried
    )
    return Failure(case.requirement, found, shown_again=shown > 1 or tried == 1)


def script_of_case(case: Case, origin: Origin, plain: Plain = ANYTHING) -> str:
    """A plain Python script that runs the check and ends with a status other than 0 if it fails.

    Args:
        case: the check.
        origin: how to open the backend.
        plain: what the check is to use as plain keys and values.
    """
    parts = _gathered(case)
    _gather(leave, parts)
    return render(
        Script(
            case.requirement,
            origin,
            "checks/templates/check.py.j2",
            {
                "constants": [Source(line) for line in parts.constants.values()],
                "sources": [Source(text.rstrip("\n")) for text in reversed(parts.sources.values())],
                "values": plain.values,
                "keys": plain.keys,
                "shim": Source(_source(speaking_text).rstrip("\n")),
                "opening_with_options": Source(origin.opening("**options")),
                "standalone": standalone_opener(origin) if reads_source(case) else None,
                "check": Source(case.check.__name__),
                "arguments": case.arguments,
            },
            imports=("import contextlib", "import sys", *parts.imports),
        )
    )


def calls(case: Case, operation: str) -> bool:
    """Whether a check calls an operation of the backend, by its name, itself or through what it uses."""
    called = re.compile(rf"""[."']{operation}\b""")
    return operation in case.arguments or any(map(called.search, _gathered(case).sources.values()))


def reads_source(case: Case) -> bool:
    """Whether a check has another process open the backend, and so needs the source that does."""
    return "source" in case.check.__code__.co_names


def _gathered(case: Case) -> _Parts:
    parts = _Parts()
    _gather(case.check, parts)
    return parts


def _gather(function: object, parts: _Parts) -> None:
    """Add a function's source and, through its globals, all that it needs."""
    if not isinstance(function, FunctionType) or function.__name__ in parts.sources:
        return
    parts.sources[function.__name__] = _source(function)
    for name in _names(function.__code__):
        if name in function.__globals__ and not name.startswith("__"):
            _add(name, function.__globals__[name], parts)


@functools.cache
def _source(thing: Any) -> str:
    """The source of a function or class; finding it takes longer than all else here."""
    return textwrap.dedent(inspect.getsource(thing))


def _add(name: str, value: object, parts: _Parts) -> None:
    if isinstance(value, ModuleType):
        alias = "" if value.__name__ == name else f" as {name}"
        parts.imports[f"import {value.__name__}{alias}"] = None
        return
    module = getattr(value, "__module__", None)
    if isinstance(module, str) and module.startswith("conformance."):
        if isinstance(value, FunctionType):
            parts.sources.pop(name, None)
            _gather(value, parts)
        else:
            parts.sources[name] = _source(value)
    elif isinstance(value, type | FunctionType) or callable(value):
        parts.imports[f"from {module} import {name}"] = None
    else:
        parts.constants[name] = f"{name} = {value!r}"


def _names(code: CodeType) -> Iterator[str]:
    """Every global name that a code object, or one inside it, reads."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
