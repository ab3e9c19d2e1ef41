"""Where a process on a place can be halted: at what changes its directory, or at its messages to a server.

A subject's place is whatever its author chose. If it is an absolute path, what matters is below it, and a process is
halted at each call that changes something there. Anything else (a URL, an object, the name of a database) names
something outside the process, which it reaches by messages. The searches hand `halting_place(place)` to the probes; a
script has an expression in its place, found again by the text of the call, and words for its reader.
"""

import os
from pathlib import Path
from typing import Any

from conformance.probes.syscalls import NETWORK, Network
from conformance.probes.syscalls.stops import TO_SERVER

UNSEEN = "no operation of a forked process changed a file below the place, or sent a message to a server"
"""Why nothing was stopped."""


def halting_place(place: Any) -> "str | os.PathLike[str] | Network":
    """What to halt a process at: what changes a place that is a path, else messages to a server."""
    return place if isinstance(place, str | os.PathLike) and Path(place).is_absolute() else NETWORK


def halting_expression(call: str) -> str:
    """What a script is to halt a process at, as an expression, from the text of the call at which it was halted."""
    return "NETWORK" if TO_SERVER in call else "place"


def halting_words(expression: str) -> str:
    """Which calls those are, in words."""
    return "that change the place" if expression == "place" else "that send a message to a server"
