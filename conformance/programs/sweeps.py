"""Many small programs in one store: run together to see that nothing is wrong, and apart where something is.

To open a store costs more than most programs do, and to read it whole after each write costs with the square of its
keys. So the pieces of a sweep are put into one store, all that they begin with before all that they go on with, and it
is read at the end. Where that contradicts the specification, each piece that is concerned is run in a store of its own,
and read after each write: it then says which operation did it, and is short.
"""

import attrs

from conformance.programs.operations import WRITES, Operation, Program, keys_in
from spec_store import Key


@attrs.frozen
class Piece:
    """One small program of a sweep.

    Args:
        filling: what it begins with: it stores the keys that are to meet in one store.
        using: what is done to them then.
    """

    filling: Program
    using: Program

    @property
    def program(self) -> Program:
        """The piece alone."""
        return (*self.filling, *self.using)

    @property
    def keys(self) -> frozenset[Key]:
        """Every key that it names."""
        return frozenset(keys_in(self.program))

    @property
    def stored(self) -> frozenset[Key]:
        """Every key that an operation of it is on; a prefix is none."""
        return frozenset(key for operation in self.program for key in operation.keys)


@attrs.frozen
class Sweep:
    """Some pieces that are put into one store."""

    pieces: tuple[Piece, ...]

    @property
    def program(self) -> Program:
        """All pieces together; a key that several of them store is stored once."""
        filling: dict[Key, Operation] = {}
        for piece in self.pieces:
            for operation in piece.filling:
                filling.setdefault(operation.keys[-1], operation)
        return (*filling.values(), *(operation for piece in self.pieces for operation in piece.using))

    def concerned(self, keys: frozenset[Key]) -> tuple[Piece, ...]:
        """The pieces that name one of some keys."""
        return tuple(piece for piece in self.pieces if piece.keys & keys)


def packed(pieces: "tuple[Piece, ...] | list[Piece]", most: int) -> tuple[Sweep, ...]:
    """Parts, in their order, as sweeps that store no more than about so many keys each."""
    sweeps: list[Sweep] = []
    begun: list[Piece] = []
    count = 0
    for piece in pieces:
        begun.append(piece)
        count += sum(isinstance(operation, WRITES) for operation in piece.filling)
        if count >= most:
            sweeps.append(Sweep(tuple(begun)))
            begun, count = [], 0
    return (*sweeps, *([Sweep(tuple(begun))] if begun else []))
