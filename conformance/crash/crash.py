"""What went wrong when a process was killed, or a call refused: a value."""

import attrs

from conformance.crash.scenarios import Scenario
from conformance.crash.states import State
from conformance.programs.operations import Operation, Set
from spec_store.requirements import RequirementId

CUT = "cut"
"""What is entered as the name of the error where a connection is shut down."""


@attrs.frozen
class Crash:
    """What went wrong.

    Args:
        requirement: the id of the requirement that is violated.
        scenario: the operations.
        during: the operation in flight; None while the store was being opened.
        call: the system call before which the process died, or that was refused.
        number: of that call, counted from 1.
        refused: the name of the error that it was refused with, or "".
        acknowledged: how many operations of the program had returned.
        files: the files there at that moment, with their sizes in bytes.
        expected: what a reader may see, in words or states.
        came: what it saw.
        power: whether power was lost too.
        rounds: how often that was done.
        later: what the process does after the program, where a call was refused.
        in_steps: whether `during` is a move of a backend that claims `atomic_move=False`, and may be seen half done.
        seconds: where the process was killed at a random moment, within how many seconds from its start; else 0.
    """

    requirement: RequirementId
    scenario: Scenario
    during: Operation | None
    call: str
    number: int
    refused: str
    acknowledged: int
    files: tuple[tuple[str, int], ...]
    expected: tuple[State, ...]
    came: State
    power: bool = False
    rounds: int = 1
    later: Set | None = None
    in_steps: bool = False
    seconds: float = 0.0

    @property
    def at_random(self) -> bool:
        """Whether the process was killed at a random moment, where it could not be halted."""
        return bool(self.seconds)
