"""Where a process on a place can be halted: at what changes its directory, or at its messages to a server.

A subject's place is whatever its author chose, who may say where its files lie (`Subject(files=...)`) if the place does
not (a URL, a tuple). If that, or the place, is an absolute path, what matters is below it, and a process is halted at
each call that changes something there. Anything else (a URL, an object, the name of a database) names something
outside the process, which it reaches by messages. The searches hand `halting_place(place)` to the probes; a script has
an expression in its place, found again by the text of the call, and words for its reader.
"""

import os
from pathlib import Path
from typing import Any

from conformance.probes.syscalls import NETWORK, Network
from conformance.probes.syscalls.stops import TO_SERVER
from conformance.subject.subject import Place, Subject

UNSEEN = (
    "no operation of a forked process changed a file below the place, or sent a message to a server "
    "(if its files lie elsewhere, say where: Subject(files=...))"
)
"""Why nothing was stopped, where it is known where the files lie."""


def files_of(subject: Subject, place: Place) -> Any:
    """Where the files of a store lie that is on a place: as the subject says, or the place itself."""
    return place if subject.files is None else subject.files(place)


def halting_place(place: Any, subject: Subject | None = None) -> "str | os.PathLike[str] | Network":
    """What to halt a process at: what changes a place that is a path, else messages to a server.

    Args:
        place: the place.
        subject: whose place it is, where it may say that the files lie elsewhere.
    """
    place = place if subject is None else files_of(subject, place)
    return place if isinstance(place, str | os.PathLike) and Path(place).is_absolute() else NETWORK


def unseen(subject: Subject) -> str:
    """Why no process was halted, though there was something to be done."""
    with subject.place() as place:
        if subject.files is not None or place is None or halting_place(place) != NETWORK:
            return UNSEEN
    return (
        f"its place, a {type(place).__name__}, is no absolute path, so it is not known where its files lie "
        "(Subject(files=...) says it), and no operation of a forked process sent a message to a server"
    )


def halting_expression(call: str, files: str = "place") -> str:
    """What a script is to halt a process at, as an expression, from the text of the call at which it was halted.

    Args:
        call: the text.
        files: the expression that gives where the files of a store on `place` lie (`Origin.files_of`).
    """
    return "NETWORK" if TO_SERVER in call else files


def halting_words(expression: str) -> str:
    """Which calls those are, in words."""
    return "that send a message to a server" if expression == "NETWORK" else "that change the place"
