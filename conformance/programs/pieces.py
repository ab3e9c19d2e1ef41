"""Many small programs in one store: run together to see that nothing is wrong, and apart where something is.

To open a store costs more than most programs do, and to read it whole after each write costs with the square of its
keys. So the pieces of a batch are put into one store, all that they begin with before all that they go on with, and it
is read at the end. Where that contradicts the specification, each piece that is concerned is run in a store of its own,
and read after each write: it then says which operation did it, and is short.
"""

from collections.abc import Sequence

import attrs

from conformance.programs.operations import Get, ListKeys, Operation, Program, keys_in
from spec_store import Key


@attrs.frozen
class Piece:
    """One small program of a batch.

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
class Batch:
    """Some pieces that are put into one store.

    Args:
        pieces: the pieces.
        closing: what is done once they are all through, or the one that is run alone.
    """

    pieces: tuple[Piece, ...]
    closing: Program = ()

    @property
    def program(self) -> Program:
        """All pieces together; a key that several of them store is stored once."""
        filling: dict[Key, Operation] = {}
        for piece in self.pieces:
            for operation in piece.filling:
                filling.setdefault(operation.keys[-1], operation)
        using = (operation for piece in self.pieces for operation in piece.using)
        return (*filling.values(), *using, *self.closing)

    @property
    def read_whole(self) -> Program:
        """All pieces together, and then every key read."""
        keys = dict.fromkeys(key for operation in self.program for key in operation.keys)
        return (*self.program, *map(Get, keys), ListKeys())

    def concerned(self, keys: frozenset[Key], most: int) -> tuple[Program, ...]:
        """What to run alone where some keys are concerned: the first pieces that name one of them, and no more."""
        pieces = [piece for piece in self.pieces if piece.keys & keys]
        return tuple((*piece.program, *self.closing) for piece in pieces[:most])


def packed(pieces: Sequence[Piece], most: int, closing: Program = ()) -> tuple[Batch, ...]:
    """Pieces, in their order, as batches of about so many: each counts as many as it stores keys, and at least one.

    Args:
        pieces: the pieces.
        most: how many a batch has, about.
        closing: what each batch ends with.
    """
    batches: list[Batch] = []
    begun: list[Piece] = []
    count = 0
    for piece in pieces:
        begun.append(piece)
        count += max(1, len(piece.filling))
        if count >= most:
            batches.append(Batch(tuple(begun), closing))
            begun, count = [], 0
    return (*batches, *([Batch(tuple(begun), closing)] if begun else []))
