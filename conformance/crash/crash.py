"""What went wrong when a process was killed, refused a call, or left without power: a value.

A `Crash` has what all of these have in common. How it came about is its `cause`, one of four, each with what it alone
needs:

| cause            | what is done to the process                      | done by                               |
|------------------|--------------------------------------------------|---------------------------------------|
| `Killed`         | SIGKILL at a crash point                         | `kills.inject_kills`, `inject_repeated_kills` |
| ... `again`      | and one amid the recovery from that              | `recovery.inject_relapses`            |
| `KilledAtRandom` | SIGKILL at a moment that chance decides          | `kills.inject_random_kills`           |
| `PowerLost`      | SIGKILL, and what was not synced is lost as well | `kills.inject_power_losses`           |
| `Refused`        | one system call fails, and the process goes on   | `refusals.inject_refusals`            |

A crash point is before a system call, or a message to a server (`Stop`), or after the last operation has returned
(`AtEnd`). After any other operation has returned there is none of its own: the place does not change until the next
operation makes its first call, before which there is one.
"""

import errno
from typing import TypeAlias

import attrs

from conformance.crash.scenarios import Scenario
from conformance.crash.states import StateText
from conformance.probes.syscalls import Cut, Refuse, Stop
from conformance.programs.operations import Operation, Set
from conformance.programs.outcomes import short_text
from spec_store.requirements import RequirementId


@attrs.frozen
class AtEnd:
    """The crash point after the last operation of the program has returned, whatever is still to be written then.

    Args:
        acknowledged: the messages that the process had sent.
        to_server: whether its store is on a server.
    """

    acknowledged: tuple[bytes, ...]
    to_server: bool = False


Point: TypeAlias = Stop | AtEnd


def _moment_of(point: Point) -> str:
    if isinstance(point, AtEnd):
        return "when its last operation has returned"
    return f"before {_call_at(point)}"


def _call_at(point: Stop) -> str:
    return short_text(point.text, 110)


@attrs.frozen
class Killed:
    """The process was killed at a crash point.

    Args:
        point: where.
        rounds: how many processes, one after another on the same place, were killed at it.
        again: where another process was killed that opened the store then; None where there was none.
    """

    point: Point
    rounds: int = 1
    again: Stop | None = None

    @property
    def deed(self) -> str:
        """What was done, in words that a sentence begins with."""
        second = "" if self.again is None else f", and the one that opens the store next before {_call_at(self.again)}"
        return f"the process is killed {_moment_of(self.point)}{second}"


@attrs.frozen
class PowerLost:
    """Power was lost at a crash point.

    Args:
        point: where.
        again: where another process was when power was lost that opened the store then, the one before having been
            killed at the crash point; None where power was lost there.
    """

    point: Point
    again: Point | None = None

    @property
    def deed(self) -> str:
        """What was done, in words that a sentence begins with."""
        if self.again is not None:
            moment = "has opened it" if isinstance(self.again, AtEnd) else f"opens it, before {_call_at(self.again)}"
            return f"the process is killed {_moment_of(self.point)}, and power is lost when the next one {moment}"
        if isinstance(self.point, AtEnd):
            return "power is lost when the last operation has returned"
        return f"power is lost before {_call_at(self.point)}"


@attrs.frozen
class Refused:
    """A system call failed, or the connection to a server was cut before a message; the process lived on.

    Args:
        point: that call.
        action: what was done to it.
        later: what the process did after the program, to see whether the backend still worked.
    """

    point: Stop
    action: Refuse | Cut
    later: Set

    @property
    def deed(self) -> str:
        """What was done, in words that a sentence begins with."""
        if isinstance(self.action, Cut):
            return f"the connection is cut before {_call_at(self.point)}"
        return f"the system refuses {_call_at(self.point)} with {errno.errorcode[self.action.errno]}"


@attrs.frozen
class KilledAtRandom:
    """The process was killed at a random moment, where it could not be halted at its system calls.

    Args:
        seconds: within how many seconds from its start a script is to kill it.
    """

    seconds: float

    @property
    def deed(self) -> str:
        """What was done, in words that a sentence begins with."""
        return "the process is killed at a random moment"


Cause: TypeAlias = Killed | KilledAtRandom | PowerLost | Refused


@attrs.frozen
class Crash:
    """What went wrong.

    Args:
        requirement: the id of the requirement that is violated.
        scenario: the operations.
        during: the operation in flight; None while the store was being opened.
        cause: what was done to the process.
        acknowledged: how many operations of the program had returned.
        files: the files there at that moment, with their sizes in bytes.
        expected: what a reader may see: states, or words.
        actual: what it saw, likewise.
        in_steps: whether `during` is a move of a backend that claims `atomic_move=False`, and may be seen half done.
        later: the first write after the crash, where it is that which went wrong; None elsewhere.
    """

    requirement: RequirementId
    scenario: Scenario
    during: Operation | None
    cause: Cause
    acknowledged: int
    files: tuple[tuple[str, int], ...]
    expected: tuple[StateText, ...]
    actual: StateText
    in_steps: bool
    later: Operation | None = None

    @property
    def point(self) -> Point | None:
        """Where it happened; None where the process was killed at a random moment."""
        return None if isinstance(self.cause, KilledAtRandom) else self.cause.point

    @property
    def stop(self) -> Stop | None:
        """The call at which it happened; None where it was at none."""
        return self.point if isinstance(self.point, Stop) else None
