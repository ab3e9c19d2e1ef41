"""The script of a directed check: its own source, with what it uses, and how to open the backend."""

import functools
import inspect
import re
import textwrap
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import attrs

from conformance.checks.case import Case
from conformance.checks.text_values import speaking_text
from conformance.counterexamples.script import NOTE
from conformance.counterexamples.wording import heading
from conformance.report.evidence import Failure
from conformance.report.verdicts import Counterexample
from conformance.subject.origin import Origin, opener_source, standalone_opener


@attrs.frozen
class _Parts:
    """What a check's source needs: imports, constants, functions and classes, each in order of need."""

    imports: dict[str, None] = attrs.field(factory=dict)
    constants: dict[str, str] = attrs.field(factory=dict)
    sources: dict[str, str] = attrs.field(factory=dict)


def case_failure(
    case: Case, text: str, origin: Origin, values: tuple[Any, ...] = (), shown: tuple[int, int] = (1, 1)
) -> Failure:
    """The failure of a directed check.

    Args:
        case: the check.
        text: what was expected and what came.
        origin: how a script opens the backend.
        values: as for `case_script`.
        shown: in how many of how many runs of the check it failed.
    """
    title = case.title or case.check.__name__.replace("_", " ")
    message = f"{heading(case.requirement)}\n\n{title}:\n{text}"
    script = case_script(case, origin, values)
    return Failure(case.requirement, Counterexample(case.operations, message, script, f"{title}: {text}", *shown))


def case_script(case: Case, origin: Origin, values: tuple[Any, ...] = ()) -> str:
    """A plain Python script that runs the check and ends with a status other than 0 if it fails.

    Args:
        case: the check.
        origin: how to open the backend.
        values: what a backend that takes no text takes instead.
    """
    parts = _Parts()
    _gather(case.check, parts)
    imports = {"import sys", "import contextlib", *parts.imports}
    imports |= {line for line in origin.imports if line.startswith(("import ", "from "))}
    path_lines = [line for line in origin.imports if not line.startswith(("import ", "from "))]
    text = "\n\n".join(
        [
            f'"""{heading(case.requirement)}\n\n{NOTE}\n"""',
            "\n".join(_ordered(imports, path_lines)),
            "\n".join(parts.constants.values()),
            *reversed(parts.sources.values()),
            _opener(origin, values),
            _main(case, origin),
        ]
    )
    return text.replace("\n\n\n\n", "\n\n") + "\n"


def _ordered(imports: set[str], path_lines: list[str]) -> list[str]:
    plain = sorted(line for line in imports if line.startswith("import "))
    return [*plain, *path_lines, *sorted(line for line in imports if line.startswith("from "))]


def _opener(origin: Origin, values: tuple[Any, ...]) -> str:
    if not values:
        return opener_source(origin)
    shim = inspect.getsource(speaking_text)
    return (
        f"{shim}\n\nVALUES = {values!r}\nTEXTS = {{}}\n\n\ndef open_backend(place, **options):\n"
        f"    return speaking_text({origin.opening('**options')}, VALUES, TEXTS)\n"
    )


def calls(case: Case, operation: str) -> bool:
    """Whether a check calls an operation of the backend, by its name, itself or through what it uses."""
    parts = _Parts()
    _gather(case.check, parts)
    called = re.compile(rf"""[."']{operation}\b""")
    return operation in case.arguments or any(map(called.search, parts.sources.values()))


def _main(case: Case, origin: Origin) -> str:
    arguments = "".join(f", {argument!r}" for argument in case.arguments)
    standalone = standalone_opener(origin)
    reads_source = "source" in case.check.__code__.co_names
    lines = [
        *([f"open_backend.source, open_backend.started = {standalone!r}, None"] if reads_source else []),
        "with contextlib.ExitStack() as places:",
        "    def new_place():",
        f"        return places.enter_context({origin.place or 'contextlib.nullcontext()'})",
        "",
        "    try:",
        f"        reason = {case.check.__name__}(new_place, open_backend{arguments})",
        "    except Exception as error:",
        f'        sys.exit(f"{case.requirement} is violated: {{type(error).__name__}}: {{error}}")',
        "print(reason or 'it holds here')",
    ]
    return "\n".join(lines)


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
