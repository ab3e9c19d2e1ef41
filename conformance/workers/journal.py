"""What a worker process is doing, in a file that outlives it: the operations of the program in flight.

The worker writes each operation before it performs it, a line each, so that the last line names the one that ended the
process. Of many sets in one operation each is told by its number, so that each has the time of one. The file is read by
the supervisor of the same version only, when the worker has died or seems to be stuck; the time of its last change
tells since when.

| line             | what is in flight from here on                                                  |
|------------------|---------------------------------------------------------------------------------|
| (an operation)   | it, after those on the lines before it                                          |
| at NUMBER        | that one of the sets of the `SetMany` before; those with lower numbers are done |
| case NAME        | a directed check                                                                |
| beginning WORDS  | what comes before there are operations: importing the target, opening it once   |
"""

import os
from pathlib import Path

import attrs

from conformance.programs.operations import Operation, Program, Set, SetMany, decode_operation, encode_operation
from conformance.programs.outcomes import short_text


@attrs.frozen
class InFlight:
    """What was in flight when a worker was last heard of: a program, or a directed check by name.

    Args:
        program: up to the operation in flight.
        case: the name of the check.
        beginning: what comes before there are operations, in words that "the target" follows: "importing".
        many: whether the operation in flight is one of the sets of a `SetMany`.
    """

    program: Program = ()
    case: str = ""
    beginning: str = ""
    many: bool = False

    @property
    def operation(self) -> str:
        """The name of the operation in flight, as the campaign performs it."""
        return SetMany.name if self.many else self.program[-1].name

    @property
    def words(self) -> str:
        """What it is, for somebody who waits for it."""
        if self.program:
            return short_text(f"{self.program[-1]}", 80)
        return f"{self.beginning} the target" if self.beginning else self.case.partition("(")[0]


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

    def start_step(self, number: int) -> None:
        """The set of this number, of the `SetMany` that was started last, is about to be performed."""
        os.write(self._descriptor, f"at {number}\n".encode())

    def start_beginning(self, words: str) -> None:
        """Something is about to be done that comes before there are operations; "" when it is done."""
        self.start_program()
        if words:
            os.write(self._descriptor, f"beginning {words}\n".encode())

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
    beginning = ""
    if lines and lines[0].startswith("beginning "):
        beginning = lines.pop(0).removeprefix("beginning ")
    program = tuple(decode_operation(line) for line in lines if not line.startswith("at "))
    if lines and lines[-1].startswith("at ") and isinstance(program[-1], SetMany):
        return InFlight(_until(program, int(lines[-1].removeprefix("at "))), beginning=beginning, many=True)
    return InFlight(program, beginning=beginning)


def _until(program: Program, number: int) -> Program:
    """The program up to one of the sets of the `SetMany` that it ends with."""
    many = program[-1]
    assert isinstance(many, SetMany)
    done = (SetMany(many.parent, number),) if number else ()
    return (*program[:-1], *done, Set(*many.items()[number]))
