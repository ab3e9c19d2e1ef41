"""What a worker process is doing, in a file that outlives it: the operations of the program in flight.

The worker writes each operation before it performs it, a line each, so that the last line names the one that ended the
process. The file is read by the supervisor of the same version only, when the worker has died or seems to be stuck;
the time of its last change tells since when.
"""

import os
from pathlib import Path

import attrs

from conformance.programs.operations import Operation, Program, decode_operation, encode_operation


@attrs.frozen
class InFlight:
    """What was in flight when a worker was last heard of: a program, or a directed check by name."""

    program: Program = ()
    case: str = ""


@attrs.define
class Journal:
    """The worker's side: one line an operation, begun anew with each program."""

    _descriptor: int

    @classmethod
    def at(cls, path: Path) -> "Journal":
        """A new journal in a file."""
        return cls(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))

    def start_program(self) -> None:
        """A new program begins."""
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)

    def start_operation(self, operation: Operation) -> None:
        """An operation is about to be performed."""
        os.write(self._descriptor, f"{encode_operation(operation)}\n".encode("utf-8", "surrogatepass"))

    def start_case(self, name: str) -> None:
        """A directed check is about to run; "" when none is any more."""
        self.start_program()
        if name:
            os.write(self._descriptor, f"case {name}\n".encode("utf-8", "surrogatepass"))


def in_flight(path: Path) -> InFlight:
    """What a journal says; nothing if there is none."""
    try:
        text = path.read_bytes().decode("utf-8", "surrogatepass")
    except OSError:
        return InFlight()
    lines = text.split("\n")[:-1]  # a line without its end was cut by the process's death, or by a full disk
    if lines and lines[0].startswith("case "):
        return InFlight(case=lines[0].removeprefix("case "))
    return InFlight(tuple(decode_operation(line) for line in lines))
