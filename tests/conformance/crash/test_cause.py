"""What was done to a process, in words."""

import errno

import pytest

from conformance.crash.crash import AtEnd, Crash, Killed, KilledAtRandom, PowerLost, Refused
from conformance.crash.scenarios import OPENING
from conformance.probes.syscalls import Cut, Refuse, Stop
from conformance.programs.operations import Set

CALL = Stop(4, "write", ("/place/a",), 1, (), (), "write('<place>/a', 3 bytes)")
LATER = Set(("f",), "7")


@pytest.mark.parametrize(
    ("cause", "deed"),
    [
        (Killed(CALL), "the process is killed before write('<place>/a', 3 bytes)"),
        (Killed(AtEnd(())), "the process is killed when its last operation has returned"),
        (PowerLost(AtEnd(())), "power is lost when the last operation has returned"),
        (KilledAtRandom(0.5), "the process is killed at a random moment"),
        (PowerLost(CALL), "power is lost before write('<place>/a', 3 bytes)"),
        (Refused(CALL, Refuse(errno.ENOSPC), LATER), "the system refuses write('<place>/a', 3 bytes) with ENOSPC"),
        (Refused(CALL, Cut(), LATER), "the connection is cut before write('<place>/a', 3 bytes)"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_cause_says_what_was_done_and_where(cause, deed):
    crash = Crash("CRASH-1", OPENING, None, cause, 0, (), (("returned []",),), ("raised StoreError",), in_steps=False)
    assert cause.deed == deed
    at_call = not isinstance(cause, KilledAtRandom) and not isinstance(cause.point, AtEnd)
    assert crash.stop == (CALL if at_call else None)
