"""Whether a forked process can open the store at all, before anything is made of what it does."""

from functools import partial
from typing import Any

from conformance.crash.reading import id_text_of
from conformance.crash.trial import OPENED
from conformance.harness.harness import Harness
from conformance.programs.outcomes import raised
from conformance.system.children import Acknowledge, born, listen

OPENING_SECONDS = 30.0
"""How long a process may take to open the store where an operation has no limit of its own."""


def refusal_elsewhere(harness: Harness) -> str:
    """Why nothing that another process does can be judged: it cannot open the store; "" if it can.

    It is to open a store that this process has made and closed, and one that is not there yet. Some libraries know what
    is open in their process, and a forked one takes that knowledge over.
    """
    subject = harness.subject
    with subject.place() as place:
        backend = harness.open_on(place)
        id_text_of(harness, backend)
        harness.close_backend(backend)
        why = _refusal(harness, place)
    if why:
        return why
    with subject.place() as place:
        return _refusal(harness, place)


def _refusal(harness: Harness, place: Any) -> str:
    seconds = harness.limit.seconds or OPENING_SECONDS
    with born(partial(_open, harness, place)) as child:
        ended = listen(child, seconds, child.ended)
    said = child.acknowledged
    if OPENED in said:
        return ""
    why = said[0].decode("utf-8", "replace") if said else "its process ended" if ended else "its opening does not end"
    return f"it cannot be opened in another process: {why}"


def _open(harness: Harness, place: Any, acknowledge: Acknowledge) -> None:
    try:
        harness.subject.open(place)
    except Exception as error:
        acknowledge(raised(error).text.encode("utf-8", "replace"))
    else:
        acknowledge(OPENED)
