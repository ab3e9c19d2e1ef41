"""The script of a counterexample: what every one of them is held to, the value that it is made from, and the renderer.

A script is a claim that its reader can check without trusting this kit. So it is held to the following.

1. It is self-contained. It is one file, which opens the backend as its author does (`Origin`), on a new place, with
   nothing but the standard library and the backend. Only what cannot be written there in a few lines is imported: the
   halting of a process at a system call, and the judging of a history. That comes from `conformance.scripting`, whose
   names are kept, and the script says so in its docstring. What one program or one directed check shows needs none.
2. Its exit status tells. It is 1, with "<requirement> is violated: ..." on standard error, while the fault is there; it
   is 0, with "... holds here" on standard output, once the fault is gone. So the same file is the reproduction today
   and the regression test tomorrow. A script that cannot get as far as the fault (the line, or the system call, is not
   reached any more) says that, and does not end with 0: what was not tried is not mended. One of a call that never
   returns ends itself with 1, and with the traceback of where that hangs.
3. It reproduces. A program is deterministic. A race is stopped where it was stopped when it was found: at the same
   line, when that is reached for the same time, or at the system call of the same number. A crash dies at the same
   call. What was met under load alone is tried again and again, and the script says that it may take many tries.
4. It judges as the kit did, and no further: it compares with what the specification allows, or with what the backend
   does in each order, and not with the text of an exception.
5. It is data that was found, written as source. Keys and values are hostile by design: quotes, backslashes, newlines,
   lone surrogates, text that looks like a template. So whatever a template prints is written as a literal, unless it
   is `Source`, which says of a text that it is Python already. In a docstring, text is escaped (`quotable`).

The templates are files beside the modules that tell of a counterexample: `<room>/templates/*.py.j2`. Parts that several
rooms share are here. A template has the body of a script; `script.py.j2` puts docstring and imports before it.
"""

import functools
import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
from jinja2 import Environment, PackageLoader, StrictUndefined

from conformance.counterexamples.literals import written
from conformance.counterexamples.wording import heading
from conformance.programs.calls import method_call
from conformance.subject.origin import Origin
from spec_store.requirements import RequirementId

NOTE = "This script ends with a status other than 0 while the fault is there."

TEXT_WIDTH = 110
"""How long a line of a docstring, or of imports, may be."""


class Source(str):
    """Text that is Python source already: a template prints it as it is, and all else as a literal."""

    __slots__ = ()


@attrs.frozen
class Script:
    """What a script is made from.

    Args:
        requirement: the id of the requirement that it shows to be violated.
        origin: how it opens the backend.
        template: the file of its body, below the package.
        values: what the template prints, by name; what is no `Source` is printed as a literal.
        imports: the import lines that the body may need; those of a module that it does not name are left out.
        kit: the names of `conformance.scripting` that the body may need; those that it does not name are left out.
        facts: lines of the docstring, between the requirement and the note: what was expected, and what came.
        needs: what the docstring says of the kit, where the body needs it.
        first: what comes before all other imports; "" where that is nothing.
    """

    requirement: RequirementId
    origin: Origin
    template: str
    values: Mapping[str, Any] = attrs.field(factory=dict)
    imports: tuple[str, ...] = ()
    kit: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    needs: str = ""
    first: str = ""


def render(script: Script) -> str:
    """The text of a script."""
    origin = script.origin
    own = {
        "requirement": Source(script.requirement),
        "opening": Source(origin.opening()),
        "place": Source(origin.place or "contextlib.nullcontext()"),
        "in_turn": origin.openings is not None,
    }
    body = _filled(script.template, {**script.values, **own})
    if "open_in_turn(" in body and origin.openings is not None:
        body = f"{origin.definitions()}\n\n{body.lstrip()}"
    head = {
        "heading": textwrap.fill(heading(script.requirement), TEXT_WIDTH),
        "facts": script.facts,
        "note": NOTE,
        "needs": script.needs,
        "first": Source(script.first),
        "imports": [Source(line) for line in _imports(script, body)],
        "body": Source(body.strip("\n")),
    }
    return _filled("counterexamples/templates/script.py.j2", head)


def _imports(script: Script, body: str) -> Iterable[str]:
    """The plain imports, sorted, then the other lines of the origin, then what comes from modules, the kit last."""
    # For a value without a literal, which is made again by that, and for what the opening needs.
    own = (*script.imports, "import importlib", "import asyncio", "import contextlib")
    needed = [line for line in own if line.startswith("from ") or _named(line.split()[-1], body)]
    plain = [line for line in needed if line.startswith("import ")]
    others = [line for line in needed if line.startswith("from ")]
    yield from dict.fromkeys([*script.origin.importing(*plain), *sorted(others)])
    names = sorted((name for name in script.kit if _named(name, body)), key=_kind_first)
    if names:
        yield ""
        yield _from_kit(names)


def _kind_first(name: str) -> tuple[bool, bool, str]:
    """Constants, then classes, then functions, each by name."""
    return (not name.isupper(), name[0].islower(), name)


def _from_kit(names: Iterable[str]) -> str:
    line = f"from conformance.scripting import {', '.join(names)}"
    if len(line) <= TEXT_WIDTH:
        return line
    wrapped = textwrap.fill(", ".join(names) + ",", TEXT_WIDTH, initial_indent="    ", subsequent_indent="    ")
    return f"from conformance.scripting import (\n{wrapped}\n)"


def _named(name: str, body: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", body) is not None


def quotable(text: str) -> Source:
    """Text as it can stand between triple quotes, if a newline follows it."""
    escaped = text.replace("\\", "\\\\").replace('"""', "'''")
    return Source("".join(one if one == "\n" or one.isprintable() else ascii(one)[1:-1] for one in escaped))


def _filled(template: str, values: Mapping[str, Any]) -> str:
    return environment().get_template(template).render(values)


@functools.cache
def environment() -> Environment:
    """Where templates are, and how what they print is written."""
    environment = Environment(
        loader=PackageLoader("conformance", "."),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # what it prints is no HTML; `finalize` does the same for Python
        finalize=lambda value: value if isinstance(value, Source) else written(value),
    )
    environment.filters |= {"call": lambda operation: Source(method_call(operation, written)), "quotable": quotable}
    return environment
