"""`spec-store doctor`: how a diagnosis is printed."""

import json
from collections.abc import Iterator

import attrs

from spec_store.doctor import Diagnosis


def as_json(found: Diagnosis) -> str:
    """A diagnosis as a JSON object, with whether the store is well as its first member."""
    return json.dumps({"well": found.well, **attrs.asdict(found)}, indent=2)


def as_text(found: Diagnosis) -> str:
    """A diagnosis for people, a line for each thing that is known."""
    return "\n".join(f"{label:<8} {text}" for label, text in _lines(found))


def _lines(found: Diagnosis) -> Iterator[tuple[str, str]]:
    told = {
        "where": found.address,
        "engine": found.engine,
        "server": found.server,
        "client": found.client,
        "layout": None if found.layout is None else f"version {found.layout}",
        "id": "none yet: a program that opens the store makes it" if found.id == "" else found.id,
        "claims": _claims(found),
        "rights": _rights(found),
        "get": None if found.get_ms is None else f"{found.get_ms:.2f} ms",
        "set": None if found.set_ms is None else f"{found.set_ms:.2f} ms",
    }
    yield from ((label, text) for label, text in told.items() if text)
    yield from (("note", note) for note in found.notes)
    for problem in found.problems:
        yield "WRONG", problem.what
        if problem.advice:
            yield "", f"-> {problem.advice}"
    if found.well:
        yield "well", "nothing is wrong"


def _claims(found: Diagnosis) -> str | None:
    if found.claims is None:
        return None
    claimed = {name for name, claimed in attrs.asdict(found.claims).items() if claimed}
    if not claimed & {"threads", "processes"}:
        claimed.discard("atomic_move")  # nobody is there to see what a move does
    return ", ".join(name for name in attrs.asdict(found.claims) if name in claimed) or "none but the interface"


def _rights(found: Diagnosis) -> str:
    words = {True: "yes", False: "no", None: "not tried"}
    rights = {"read": found.can_read, "write": found.can_write, "remove": found.can_remove}
    return ", ".join(f"{right} {words[may]}" for right, may in rights.items())
