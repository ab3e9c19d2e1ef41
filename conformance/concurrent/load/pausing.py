"""Pauses at random in Python code, so that others run meanwhile."""

import sys
import time
from collections.abc import Callable
from random import Random
from types import FrameType
from typing import Any

OPCODES = sys.version_info < (3, 12)
"""Whether a thread may pause at each opcode, not at each line: later versions rewrite code for that."""

PAUSED, OF = 3, 5
"""Clients pause in three of every five rounds: five is coprime with the number of kinds of rounds, so each kind is run
with and without pauses."""

PAUSES = 0.008
"""The share of the events of the trace function at which a client pauses."""

PAUSE = 1e-5
"""Seconds that it pauses, at least."""


def pauses(number: int) -> bool:
    """Whether clients pause in the round with the number: in three of every five."""
    return number % OF < PAUSED


def pausing(random: Random) -> Callable[[FrameType, str, object], Any]:
    """A trace function that has its thread pause at random moments of Python code, so that others run meanwhile."""

    def pause(frame: FrameType, _event: str, _argument: object) -> Any:
        frame.f_trace_opcodes = OPCODES
        if random.random() < PAUSES:
            time.sleep(PAUSE)
        return pause

    return pause
