"""Pieces together in one store, and who of them is concerned."""

from conformance.programs.operations import Get, ListKeys, RemoveKey, Reopen, Set
from conformance.programs.pieces import Batch, Piece, packed

A, B, C = ("a",), ("b",), ("c",)
FIRST = Piece((Set(A, "1"), Set(B, "2")), (RemoveKey(A),))
SECOND = Piece((Set(B, "3"), Set(C, "4")), (Get(C), ListKeys(B)))


def test_all_is_stored_before_anything_is_done_and_each_key_once():
    assert Batch((FIRST, SECOND)).program == (
        Set(A, "1"),
        Set(B, "2"),
        Set(C, "4"),
        RemoveKey(A),
        Get(C),
        ListKeys(B),
    )


def test_a_piece_alone_is_what_it_begins_with_and_what_it_goes_on_with():
    assert FIRST.program == (Set(A, "1"), Set(B, "2"), RemoveKey(A))


def test_the_pieces_concerned_are_those_that_name_a_key_and_no_more_than_that():
    batch = Batch((FIRST, SECOND))

    assert batch.concerned(frozenset({A}), 9) == (FIRST.program,)
    assert batch.concerned(frozenset({B}), 9) == (FIRST.program, SECOND.program)
    assert batch.concerned(frozenset({B}), 1) == (FIRST.program,)
    assert batch.concerned(frozenset({("d",)}), 9) == ()


def test_what_closes_a_sweep_closes_each_piece_that_is_run_alone():
    batch = Batch((FIRST, SECOND), (Reopen(),))

    assert batch.program[-1] == Reopen()
    assert batch.program.count(Reopen()) == 1
    assert batch.concerned(frozenset({A}), 9) == ((*FIRST.program, Reopen()),)


def test_a_prefix_is_named_but_no_key_that_is_stored():
    piece = Piece((Set(A, "1"),), (ListKeys(B),))

    assert piece.keys == {A, B}
    assert piece.stored == {A}


def test_pieces_are_packed_in_their_order_up_to_a_number_of_keys():
    pieces = [Piece((Set((str(number),), "1"),), ()) for number in range(7)]

    batches = packed(pieces, 3)

    assert [len(batch.pieces) for batch in batches] == [3, 3, 1]
    assert [piece for batch in batches for piece in batch.pieces] == pieces
